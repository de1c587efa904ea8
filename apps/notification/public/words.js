const EN = {
  title: 'Messages',
  campaigns: 'Campaigns',
  signIn: 'Sign in',
  signInHint: 'With your administrator account.',
  email: 'E-mail',
  password: 'Password',
  signOut: 'Sign out',
  newCampaign: 'New campaign',
  noCampaigns: 'No campaigns yet. Write the first one!',
  name: 'Name',
  nameHint: 'For you and your colleagues; readers do not see it.',
  channels: 'Where',
  inbox: 'Inbox',
  mail: 'E-mail',
  audience: 'To',
  all: 'All users',
  en: 'English',
  ru: 'Russian',
  subject: 'Subject',
  body: 'Text',
  bodyHint:
    'Markdown: # heading, **bold**, - list, [button](https://…) on a line of its own. {{ email }} is the reader’s address.',
  preview: 'Preview',
  previewEmpty: 'Write a subject and a text to see them as readers will.',
  inInbox: 'In the inbox',
  inMail: 'In the mail',
  save: 'Save draft',
  start: 'Start',
  startTitle: 'Send to everybody?',
  startText: 'Messages that have been sent cannot be taken back.',
  yes: 'Yes, send',
  no: 'Not yet',
  back: 'All campaigns',
  progress: 'Progress',
  total: 'Total',
  pending: 'Waiting',
  sent: 'Sent',
  failed: 'Failed',
  skipped: 'Skipped',
  created: 'Created',
  status: {
    draft: 'Draft',
    running: 'Running',
    done: 'Done',
    partly_failed: 'Partly failed',
  },
  forbidden: 'This account is not an administrator.',
  wrongPassword: 'The address or the password is wrong.',
  unreachable: 'The server cannot be reached. Please try again.',
  fallback: 'Empty: readers of this language get the other text.',
};

const RU = {
  title: 'Сообщения',
  campaigns: 'Рассылки',
  signIn: 'Войти',
  signInHint: 'С учётной записью администратора.',
  email: 'Эл. почта',
  password: 'Пароль',
  signOut: 'Выйти',
  newCampaign: 'Новая рассылка',
  noCampaigns: 'Рассылок пока нет. Напишите первую!',
  name: 'Название',
  nameHint: 'Для вас и коллег; читатели его не видят.',
  channels: 'Куда',
  inbox: 'Входящие',
  mail: 'Эл. почта',
  audience: 'Кому',
  all: 'Всем пользователям',
  en: 'Английский',
  ru: 'Русский',
  subject: 'Тема',
  body: 'Текст',
  bodyHint:
    'Markdown: # заголовок, **жирный**, - список, [кнопка](https://…) отдельной строкой. {{ email }} — адрес читателя.',
  preview: 'Предпросмотр',
  previewEmpty: 'Напишите тему и текст, чтобы увидеть их глазами читателя.',
  inInbox: 'Во входящих',
  inMail: 'В письме',
  save: 'Сохранить черновик',
  start: 'Отправить',
  startTitle: 'Отправить всем?',
  startText: 'Отправленные сообщения нельзя вернуть.',
  yes: 'Да, отправить',
  no: 'Пока нет',
  back: 'Все рассылки',
  progress: 'Ход рассылки',
  total: 'Всего',
  pending: 'Ожидают',
  sent: 'Отправлено',
  failed: 'Не удалось',
  skipped: 'Пропущено',
  created: 'Создана',
  status: {
    draft: 'Черновик',
    running: 'Идёт',
    done: 'Готова',
    partly_failed: 'Готова не вся',
  },
  forbidden: 'Эта учётная запись — не администратор.',
  wrongPassword: 'Неверный адрес или пароль.',
  unreachable: 'Сервер недоступен. Попробуйте ещё раз.',
  fallback: 'Пусто: читатели на этом языке получат другой текст.',
};

/** The panel's language is the page's. */
export const language = document.documentElement.lang === 'ru' ? 'ru' : 'en';
export const words = language === 'ru' ? RU : EN;

const number = new Intl.NumberFormat(language);
const time = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
export const showNumber = (value) => number.format(value);
export const showTime = (iso) => time.format(new Date(iso));

/** What to tell a person about a failed call. */
export function explain(error) {
  if (error.status === 403) return words.forbidden;
  if (error.status === undefined || error.status === 503) return words.unreachable;
  const details = (error.errors ?? []).map(({ field, message }) => `${field}: ${message}`);
  return [error.message, ...details].join(' ');
}
