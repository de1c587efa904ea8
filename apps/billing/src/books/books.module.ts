import { Module } from '@nestjs/common';
import { AuditorService } from './auditor.service.js';
import { BooksController } from './books.controller.js';
import { BooksProofModule } from './books-proof.module.js';

/** The proofs with their route and the auditor. */
@Module({ imports: [BooksProofModule], controllers: [BooksController], providers: [AuditorService] })
export class BooksModule {}
