import { describe, expect, it } from '@jest/globals';
import {
  BadRequestException,
  ForbiddenException,
  HttpException,
  ImATeapotException,
  InternalServerErrorException,
} from '@nestjs/common';
import { WsException } from '@nestjs/websockets';
import { isPublic, noteRefusal, toExceptionData } from '../../../lib/nest/pipeline/exception-data.js';
import { ChannelLimitError, InvalidCloseError } from '../../../lib/session/index.js';
import { PayloadRefusedError } from '../../../lib/protocol/index.js';

const error = (statusCode: number, code: string, message: string, more: object = {}): object => ({
  status: 'error',
  statusCode,
  code,
  message,
  ...more,
});

describe('what a client is told about', () => {
  it.each<[string, unknown, object]>([
    ['an HttpException', new ForbiddenException('not you'), error(403, 'FORBIDDEN', 'not you')],
    ['one without a message', new ImATeapotException(), error(418, 'I_AM_A_TEAPOT', "I'm a teapot")],
    ['one made of text', new HttpException('gone for good', 410), error(410, 'GONE', 'gone for good')],
    ['one of a status of its own', new HttpException('odd', 499), error(499, 'ERROR', 'odd')],
    [
      'one with a code and details of its own',
      new HttpException({ message: 'full', code: 'ROOM_FULL', details: { max: 5 } }, 409),
      error(409, 'ROOM_FULL', 'full', { details: { max: 5 } }),
    ],
    [
      'one with several messages',
      new BadRequestException(['a is wrong', 'b is wrong']),
      error(400, 'BAD_REQUEST', 'a is wrong; b is wrong', { details: ['a is wrong', 'b is wrong'] }),
    ],
    [
      'a failure that says so',
      new InternalServerErrorException('database away'),
      error(500, 'INTERNAL_SERVER_ERROR', 'database away'),
    ],
    ['a WsException', new WsException('no such room'), error(400, 'WS_EXCEPTION', 'no such room')],
    [
      'a WsException with fields',
      new WsException({ message: 'no', code: 'NO_ROOM', status: 'x', room: 1 }),
      error(400, 'NO_ROOM', 'no', { room: 1 }),
    ],
    [
      'a limit of ours',
      new ChannelLimitError(5),
      error(429, 'CHANNEL_LIMIT', 'a session may join 5 channels, not more'),
    ],
    [
      'a refused payload',
      new PayloadRefusedError('say', [{ message: 'too short', path: ['text'] }]),
      error(400, 'VALIDATION_FAILED', 'payload of "say" refused: text: too short', {
        details: [{ path: 'text', message: 'too short' }],
      }),
    ],
  ])('%s', (_, thrown, data) => {
    expect(toExceptionData(thrown)).toEqual(data);
    expect(isPublic(thrown)).toBe(true);
  });

  it.each([
    ['an error', new Error('select * from secrets')],
    ['an error with a status', Object.assign(new Error('secret'), { statusCode: 400 })],
    ['a mistake of the application with us', new InvalidCloseError('secret')],
    ['text', 'secret'],
    ['nothing', undefined],
    ['null', null],
  ])('%s: nothing', (_, thrown) => {
    expect(toExceptionData(thrown)).toEqual(error(500, 'INTERNAL_SERVER_ERROR', 'Internal server error'));
    expect(isPublic(thrown)).toBe(false);
  });

  it('a pipe that refused: that it was the payload', () => {
    const refusal = new BadRequestException('wrong');
    noteRefusal(refusal);

    expect(toExceptionData(refusal)).toEqual(error(400, 'VALIDATION_FAILED', 'wrong'));
  });
});
