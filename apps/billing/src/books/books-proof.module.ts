import { Module } from '@nestjs/common';
import { BooksService } from './books.service.js';

/** The proofs alone: for the service and for the command line. */
@Module({ providers: [BooksService], exports: [BooksService] })
export class BooksProofModule {}
