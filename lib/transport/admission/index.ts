export { TrustedProxies } from './trusted-proxies.js';
