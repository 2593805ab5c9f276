import { Body, Controller, Get, HttpCode, Param, Post, StandardSchemaValidationPipe } from '@nestjs/common';
import { Break, type Figures, Rate } from './lab.protocol.js';
import { LabService } from './lab.service.js';

const pipes = [StandardSchemaValidationPipe];

/** The controls of the lab. They go beside the connections that are compared, so that they cost them nothing. */
@Controller('lab/runs/:run')
export class LabController {
  constructor(private readonly lab: LabService) {}

  @Get('figures')
  figures(@Param('run') run: string): Figures {
    return this.lab.figures(run);
  }

  @Post('rate')
  @HttpCode(204)
  setRate(@Param('run') run: string, @Body({ schema: Rate, pipes }) rate: Rate): void {
    this.lab.setRate(run, rate);
  }

  @Post('break')
  @HttpCode(204)
  break(@Param('run') run: string, @Body({ schema: Break, pipes }) body: Break): void {
    this.lab.break(run, body);
  }
}
