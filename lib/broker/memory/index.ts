export { MemoryBroker } from './memory-broker.js';
