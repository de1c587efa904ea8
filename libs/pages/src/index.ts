export { type Language, languageOf } from './language.js';
export { html, page, PAGE_HEADERS, type PageOptions } from './page.js';
export { PagesModule } from './pages.module.js';
