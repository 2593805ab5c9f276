// Finds what the tests need beyond npm, installs it where that is possible, and otherwise says how to.
import { spawnSync } from 'node:child_process';
import { findTool, isExecutable, placesOf, TOOLS } from './system-tools.mjs';

const missing = () => Object.keys(TOOLS).filter((tool) => !findTool(tool));
const packagesOf = (tools) => tools.map((tool) => TOOLS[tool].debianPackage);

if (missing().length > 0 && canInstall()) install(packagesOf(missing()));
const left = missing();
for (const tool of left) console.error(adviceOn(tool));
process.exitCode = left.length > 0 ? 1 : 0;

function canInstall() {
  return process.getuid?.() === 0 && placesOf('apt-get').some(isExecutable);
}

function install(packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update'], ['install', '-y', ...packages]]) {
    console.log(`apt-get ${args.join(' ')}`);
    spawnSync('apt-get', args, { stdio: 'inherit', env });
  }
}

function adviceOn(tool) {
  const { variable, debianPackage } = TOOLS[tool];
  if (process.env[variable]) return `${variable} is set to ${process.env[variable]}, which cannot be run.`;
  return `The tests need ${tool}. Run: sudo apt-get update && sudo apt-get install -y ${debianPackage}
or set ${variable} to where it is.`;
}
