import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** Programs that the tests run and npm does not bring: a variable that names one, usual names, Debian's package. */
export const TOOLS = {
  chromium: {
    variable: 'CHROMIUM_PATH',
    names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    debianPackage: 'chromium',
  },
  nginx: {
    variable: 'NGINX_PATH',
    names: ['nginx'],
    debianPackage: 'nginx-light',
  },
  openssl: {
    variable: 'OPENSSL_PATH',
    names: ['openssl'],
    debianPackage: 'openssl',
  },
  'redis-server': {
    variable: 'REDIS_SERVER_PATH',
    names: ['redis-server'],
    debianPackage: 'redis-server',
  },
};

/** Servers that Debian keeps out of the PATH of ordinary users. */
const MORE_FOLDERS = ['/usr/local/sbin', '/usr/sbin'];

/** Path of the program, or undefined. A variable that is set decides alone, so that a wrong one shows. */
export function findTool(tool) {
  const { variable, names } = TOOLS[tool];
  const chosen = process.env[variable];
  const paths = chosen ? [chosen] : names.flatMap(placesOf);
  return paths.find(isExecutable);
}

export function placesOf(name) {
  if (isAbsolute(name)) return [name];
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return [...folders, ...MORE_FOLDERS].map((folder) => join(folder, name));
}

export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
