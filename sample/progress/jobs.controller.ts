import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Param,
  Post,
  StandardSchemaValidationPipe,
} from '@nestjs/common';
import { type Channel, SseEndpoint } from 'nestwire';
import { type Job, type JobList, StartJob } from './job.js';
import { JobsService } from './jobs.service.js';

@Controller('jobs')
export class JobsController {
  constructor(private readonly jobs: JobsService) {}

  @Get()
  list(): Promise<JobList> {
    return this.jobs.list();
  }

  @Post()
  start(@Body({ schema: StartJob, pipes: [StandardSchemaValidationPipe] }) body: StartJob): Promise<Job> {
    return this.jobs.start(body);
  }

  /** Who comes back with the id of the last event gets what came after it. */
  @SseEndpoint('progress', { retryMs: 1000 })
  progress(): Channel<Job> {
    return this.jobs.progress;
  }

  @Delete(':id')
  @HttpCode(204)
  cancel(@Param('id') id: string): Promise<void> {
    return this.jobs.cancel(id);
  }
}
