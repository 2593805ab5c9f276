import { SetMetadata } from '@nestjs/common';
import { LIFECYCLE_METADATA } from './metadata.js';

/**
 * Runs once for each session, before the client is accepted, behind the global guards, those of the class
 * and those of the method. Whatever it throws refuses the client: with WebSocket, an HTTP answer with the
 * exception's status and body instead of the 101. Pushes and joins wait for the acceptance.
 */
export const OnConnect = (): MethodDecorator => SetMetadata(LIFECYCLE_METADATA, 'connect');

/**
 * Runs once when a session whose `@OnConnect` had completed is over. `@CloseReason()` says how it ended. What
 * it throws is logged.
 */
export const OnDisconnect = (): MethodDecorator => SetMetadata(LIFECYCLE_METADATA, 'disconnect');
