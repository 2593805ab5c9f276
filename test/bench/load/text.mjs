/**
 * Text of an exact length that looks like what real-time applications send: the state of the same
 * few players, message after message. One of them moved since the last message or, where a row says
 * so, all of them: that is the difference between little work and much work for deflate.
 */
const names = 'anna bruno carla diego emma farid greta hugo ines jonas kira luca mona nils olga pavel'.split(
  ' ',
);

/** Mulberry32: the same seed gives the same text in every run and for every contestant. */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function player(name, index, next) {
  const x = (next() * 1000).toFixed(1);
  const y = (next() * 1000).toFixed(1);
  const health = next() < 0.1 ? Math.floor(next() * 100) : 100;
  const team = index % 2 === 0 ? 'blue' : 'red';
  return `x:${x} y:${y} name:${name} id:${1000 + index} hp:${health} team:${team} online:true;`;
}

function state(seed, allMove) {
  const next = random(seed);
  const still = random(0);
  const players = names.map((name, index) => player(name, index, allMove ? next : still));
  const moved = seed % names.length;
  players[moved] = player(names[moved], moved, next);
  return players.join(' ');
}

export function text(bytes, seed, allMove = false) {
  const line = state(seed, allMove);
  return line.repeat(Math.ceil(bytes / line.length)).slice(0, bytes);
}
