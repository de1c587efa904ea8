import { Injectable, type PipeTransform } from '@nestjs/common';
import { type TemplateKey, templateKeyOf } from '../templates/template.js';
import { TemplateNotFoundError } from './template.errors.js';

/** A path parameter that names a template. */
@Injectable()
export class TemplateKeyPipe implements PipeTransform<string, TemplateKey> {
  transform(name: string): TemplateKey {
    const key = templateKeyOf(name);
    if (!key) throw new TemplateNotFoundError();
    return key;
  }
}
