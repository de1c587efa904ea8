import { Injectable } from '@nestjs/common';
import { ContactsRepository } from '../contacts/contacts.repository.js';
import { cursorAfter, idOf } from '../lists/cursor.js';
import type { ListQueryDto } from '../lists/list.dto.js';
import { CompiledTemplate } from '../templates/compiled-template.js';
import { samplesOf } from '../templates/samples.js';
import { starterOf } from '../templates/starter.js';
import { kindOf, type TemplateKey, TEMPLATES } from '../templates/template.js';
import { faultsOf } from '../templates/template-check.js';
import type { TemplateVersion } from '../templates/template-version.schema.js';
import { TemplateVersionsRepository } from '../templates/template-versions.repository.js';
import { TemplateDraftsRepository } from './template-drafts.repository.js';
import type {
  TemplateDto,
  TemplateListDto,
  TemplateSummaryDto,
  TemplateVariableDto,
  TemplateVersionDto,
  TemplateVersionListDto,
} from './template.dto.js';
import { TemplateNotFoundError } from './template.errors.js';

const VERSION_NUMBER = /^\d{1,7}$/;

/** Templates as the API shows them. */
@Injectable()
export class TemplateView {
  constructor(
    private readonly versions: TemplateVersionsRepository,
    private readonly drafts: TemplateDraftsRepository,
    private readonly contacts: ContactsRepository,
  ) {}

  async list(): Promise<TemplateListDto> {
    const keys = Object.keys(TEMPLATES) as TemplateKey[];
    const [numbers, drafts] = await Promise.all([this.versions.newestNumbers(), this.drafts.all()]);
    const stored = await Promise.all(numbers.map(({ key, version }) => this.versions.find(key, version)));
    const drafted = new Set(drafts.map(({ _id }) => _id));
    const items = keys.map((key) =>
      summaryOf(
        key,
        stored.find((one) => one?.key === key),
        drafted.has(key),
      ),
    );
    return { items };
  }

  /** A template with its draft and what is sent now. */
  async get(key: TemplateKey): Promise<TemplateDto> {
    const [stored, draft] = await Promise.all([this.versions.newest(key), this.drafts.find(key)]);
    const [published] = await this.show(key, [stored]);
    return Object.assign(summaryOf(key, stored, draft !== undefined), {
      variables: variablesOf(key),
      published: published!,
      draft: draft
        ? {
            revision: draft.revision,
            content: draft.content,
            savedBy: draft.savedBy,
            savedAt: draft.savedAt.toISOString(),
          }
        : null,
    });
  }

  /** Newest first, the starter text last. */
  async history(key: TemplateKey, { limit, cursor }: ListQueryDto): Promise<TemplateVersionListDto> {
    const after = idOf(cursor, VERSION_NUMBER);
    const before = after === undefined ? undefined : Number(after);
    const found: (TemplateVersion | undefined)[] = await this.versions.page(key, before, limit + 1);
    if (found.length <= limit && before !== 0) found.push(undefined);
    const items = await this.show(key, found.slice(0, limit));
    return { items, nextCursor: found.length > limit ? cursorAfter(String(items.at(-1)!.version)) : null };
  }

  /** Throws TemplateNotFoundError. */
  async version(key: TemplateKey, version: number): Promise<TemplateVersionDto> {
    const stored = version === 0 ? undefined : await this.versions.find(key, version);
    if (version !== 0 && !stored) throw new TemplateNotFoundError();
    return (await this.show(key, [stored]))[0]!;
  }

  /** undefined stands for the starter text. */
  private async show(key: TemplateKey, stored: (TemplateVersion | undefined)[]): Promise<TemplateVersionDto[]> {
    const authors = await this.contacts.findMany(stored.flatMap((one) => one?.publishedBy ?? []));
    return stored.map((one) => ({
      version: one?.version ?? 0,
      content: one?.content ?? starterOf(key),
      publishedBy: one?.publishedBy ?? null,
      publishedByAddress: (one && authors.get(one.publishedBy)?.email) ?? null,
      publishedAt: one?.publishedAt.toISOString() ?? null,
      restored: one?.restored ?? null,
    }));
  }
}

function summaryOf(key: TemplateKey, stored: TemplateVersion | undefined, hasDraft: boolean): TemplateSummaryDto {
  const texts = Object.entries(stored?.content ?? starterOf(key));
  return {
    key,
    class: kindOf(key).class,
    version: stored?.version ?? 0,
    publishedAt: stored?.publishedAt.toISOString() ?? null,
    subjects: Object.fromEntries(texts.map(([locale, { subject }]) => [locale, subject])),
    hasDraft,
    broken: brokenness(key, stored),
  };
}

/** Stored texts were checked when they were published; a release may have changed since then what they can use. */
function brokenness(key: TemplateKey, stored: TemplateVersion | undefined): string | null {
  const faults = stored ? faultsOf(key, stored.content) : [];
  return faults.length > 0 ? faults.map(({ locale, message }) => `${locale}: ${message}`).join(' ') : null;
}

function variablesOf(key: TemplateKey): TemplateVariableDto[] {
  const { variables, required = [] } = kindOf(key);
  const samples = samplesOf(key, new Date());
  return Object.entries(variables).map(([name, type]) => {
    const shown = new CompiledTemplate({ subject: `{{ ${name} }}`, body: 'x' }, 'en', variables);
    const { subject } = shown.render(samples, { open: (link) => link });
    return { name, type, required: required.includes(name), sample: subject };
  });
}
