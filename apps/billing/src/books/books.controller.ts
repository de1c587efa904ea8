import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '#libs/access';
import { BooksReportDto } from './books.dto.js';
import { BooksService } from './books.service.js';

@ApiTags('admin: books')
@Roles('admin', 'super_user')
@Controller('admin/books')
export class BooksController {
  constructor(private readonly books: BooksService) {}

  /** Proves the books now, with the figures of the day. */
  @Get()
  async verify(): Promise<BooksReportDto> {
    return this.books.verify();
  }
}
