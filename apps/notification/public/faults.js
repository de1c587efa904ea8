/** What a person is told about each refusal of the API, by its code, in both languages. */
export const FAULTS = {
  'auth.account_changed': [
    'Your account was changed. Please sign in again.',
    'Ваша учётная запись изменилась. Войдите снова.',
  ],
  'auth.forbidden': ['This account is not an administrator.', 'Эта учётная запись — не администратор.'],
  'auth.foreign_origin': [
    'This page may not sign in at this server. Its address must be in the configuration.',
    'С этой страницы на сервер войти нельзя. Её адрес нужно указать в настройках.',
  ],
  'auth.invalid_credentials': ['The address or the password is wrong.', 'Неверный адрес или пароль.'],
  'auth.keys_unavailable': [
    'The sign-in cannot be checked right now. Please try again.',
    'Сейчас вход проверить нельзя. Попробуйте ещё раз.',
  ],
  'auth.revocations_unavailable': [
    'The sign-in cannot be checked right now. Please try again.',
    'Сейчас вход проверить нельзя. Попробуйте ещё раз.',
  ],
  'auth.second_factor_active': ['The second step is set up already.', 'Второй шаг уже настроен.'],
  'auth.second_factor_failed': [
    'This code does not work, or it took too long. Try the next one, or sign in again.',
    'Код не подходит, или прошло слишком много времени. Введите следующий или войдите заново.',
  ],
  'auth.second_factor_inactive': ['The second step is not set up.', 'Второй шаг не настроен.'],
  'auth.second_factor_required': [
    'Enter the code of your authenticator app.',
    'Введите код из приложения-аутентификатора.',
  ],
  'auth.session_ended': ['The session has ended. Please sign in again.', 'Сеанс завершён. Войдите снова.'],
  'auth.step_up_required': ['Please sign in again before you do this.', 'Чтобы сделать это, войдите снова.'],
  'auth.too_many_failures': [
    'Too many attempts. Please wait, or reset your password.',
    'Слишком много попыток. Подождите или смените пароль.',
  ],
  'auth.unauthenticated': ['Please sign in again.', 'Войдите снова.'],
  'campaign.approval_needed': [
    'So large a campaign needs the approval of a second administrator.',
    'Такую большую рассылку должен одобрить второй администратор.',
  ],
  'campaign.audience_empty': ['Nobody is in the audience.', 'Получателей нет.'],
  'campaign.changed': [
    'The campaign was changed meanwhile. Please look at it again.',
    'Рассылку тем временем изменили. Посмотрите на неё ещё раз.',
  ],
  'campaign.confirmation_needed': ['Everybody was written to a moment ago.', 'Всем только что писали.'],
  'campaign.content_invalid': ['The text cannot be used.', 'Этот текст использовать нельзя.'],
  'campaign.no_test_address': ['Your own address is not known here yet.', 'Ваш адрес здесь ещё не известен.'],
  'campaign.not_found': ['There is no such campaign.', 'Такой рассылки нет.'],
  'campaign.own_approval': [
    'Another administrator must approve what you have written.',
    'То, что вы написали, должен одобрить другой администратор.',
  ],
  'campaign.start_in_past': ['The start must lie in the future.', 'Начало должно быть в будущем.'],
  'campaign.wrong_state': [
    'This cannot be done with the campaign as it stands now. Load the page again.',
    'Сейчас с этой рассылкой так поступить нельзя. Обновите страницу.',
  ],
  'consumer.unknown': ['There is no such consumer of events.', 'Такого получателя событий нет.'],
  'contact.unknown': ['This user is not known here yet.', 'Этот пользователь здесь ещё не известен.'],
  'dead_letter.not_found': [
    'This event is not here any more, or it is too large to be sent again.',
    'Этого события здесь уже нет, или оно слишком велико, чтобы отправить его снова.',
  ],
  'dead_letters.busy': [
    'Somebody is dealing with these events right now. Please try again in a moment.',
    'С этими событиями сейчас работает кто-то другой. Попробуйте чуть позже.',
  ],
  'delivery.not_failed': [
    'Only what has failed can be sent again.',
    'Снова отправить можно только то, что не удалось отправить.',
  ],
  'notification.not_found': ['There is no such message.', 'Такого сообщения нет.'],
  'notification.too_many_streams': ['Too many windows are open at once.', 'Открыто слишком много окон.'],
  'password.weak': ['This password is too weak.', 'Этот пароль слишком слабый.'],
  'request.cursor_invalid': ['The list has changed. Load the page again.', 'Список изменился. Обновите страницу.'],
  'request.headers_too_large': [
    'The browser sends too much. Delete its cookies for this site.',
    'Браузер отправляет слишком много. Удалите cookie этого сайта.',
  ],
  'request.idempotency_key_invalid': [
    'The request is not valid. Load the page again.',
    'Запрос составлен неверно. Обновите страницу.',
  ],
  'request.invalid': ['Please check what you have entered.', 'Проверьте, что вы ввели.'],
  'request.last_event_id_invalid': [
    'The request is not valid. Load the page again.',
    'Запрос составлен неверно. Обновите страницу.',
  ],
  'request.malformed': [
    'The request is not valid. Load the page again.',
    'Запрос составлен неверно. Обновите страницу.',
  ],
  'request.method_not_allowed': [
    'The server does not know this action. Load the page again.',
    'Сервер не знает такого действия. Обновите страницу.',
  ],
  'request.not_acceptable': ['The server cannot answer in this way.', 'Сервер не может ответить в таком виде.'],
  'request.refused': ['The server has refused this.', 'Сервер отказался это сделать.'],
  'request.timeout': ['This took too long. Please try again.', 'Это заняло слишком много времени. Попробуйте ещё раз.'],
  'request.too_large': ['This is too large.', 'Это слишком много для одного запроса.'],
  'request.too_many': ['Too many requests. Please wait a moment.', 'Слишком много запросов. Немного подождите.'],
  'request.unsupported_media_type': [
    'The server does not read this kind of data.',
    'Сервер не принимает данные такого вида.',
  ],
  'request.uri_too_long': ['What you look for is too long.', 'Слишком длинный запрос.'],
  'route.not_found': ['There is no such page.', 'Такой страницы нет.'],
  'service.busy': ['The server is busy. Please try again in a moment.', 'Сервер занят. Попробуйте чуть позже.'],
  'service.unavailable': ['The server cannot be reached. Please try again.', 'Сервер недоступен. Попробуйте ещё раз.'],
  'service.unexpected': [
    'Something went wrong at the server. Please try again.',
    'На сервере что-то пошло не так. Попробуйте ещё раз.',
  ],
  'session.not_found': ['There is no such session.', 'Такого сеанса нет.'],
  'suppression.not_found': ['This address is not on the list any more.', 'Этого адреса в списке уже нет.'],
  'template.changed': [
    'The template was changed meanwhile. Load the page again.',
    'Шаблон тем временем изменили. Обновите страницу.',
  ],
  'template.content_invalid': ['The text cannot be used.', 'Этот текст использовать нельзя.'],
  'template.no_test_address': ['Your own address is not known here yet.', 'Ваш адрес здесь ещё не известен.'],
  'template.not_found': [
    'There is no such template, or no such version of it.',
    'Такого шаблона или такой его версии нет.',
  ],
  'template.nothing_to_publish': ['There is nothing new to publish.', 'Публиковать нечего: ничего не изменилось.'],
  'template.preview_user_unknown': ['No user has this address or id.', 'Пользователя с таким адресом или номером нет.'],
  'user.not_found': ['There is no such user.', 'Такого пользователя нет.'],
};

/** What is wrong with a text, by code. */
export const TEXT_FAULTS = {
  english_missing: [
    () => 'The English text is needed: all other languages fall back to it.',
    () => 'Нужен английский текст: он заменяет тексты на других языках.',
  ],
  has_parts: [(path) => `A value has no parts: {{ ${path} }}.`, (path) => `У значения нет частей: {{ ${path} }}.`],
  must_be_shown: [(name) => `The text must show {{ ${name} }}.`, (name) => `В тексте должно быть {{ ${name} }}.`],
  no_text: [() => 'There is no text at all.', () => 'Текста нет.'],
  not_a_template: [(fault) => `This cannot be read: ${fault}`, (fault) => `Этого не прочесть: ${fault}`],
  subject_empty: [() => 'The subject comes out empty.', () => 'Тема получается пустой.'],
  too_long: [(limit) => `The mail is longer than ${limit} characters.`, (limit) => `Письмо длиннее ${limit} знаков.`],
  unknown_variable: [
    (name) => `Nobody fills in {{ ${name} }}.`,
    (name) => `Значение {{ ${name} }} никто не подставит.`,
  ],
};

/** The names of fields, as the forms call them; what is not here is called as the API does. */
const FIELDS = {
  address: ['Address', 'Адрес'],
  addresses: ['Addresses', 'Адреса'],
  audience: ['To', 'Кому'],
  body: ['Text', 'Текст'],
  channels: ['Where', 'Куда'],
  code: ['Code', 'Код'],
  currencies: ['Currencies', 'Валюты'],
  content: ['Text', 'Текст'],
  days: ['Ends within days', 'Закончится за дней'],
  devices: ['Devices', 'Устройства'],
  email: ['E-mail', 'Эл. почта'],
  en: ['English', 'Английский'],
  locale: ['Language', 'Язык'],
  locales: ['Language', 'Язык'],
  name: ['Name', 'Название'],
  password: ['Password', 'Пароль'],
  plan: ['Subscription', 'Подписка'],
  product: ['Product', 'Продукт'],
  reason: ['Reason', 'Причина'],
  roles: ['Role', 'Роль'],
  ru: ['Russian', 'Русский'],
  search: ['User', 'Пользователь'],
  startAt: ['Start', 'Начало'],
  subject: ['Subject', 'Тема'],
  summary: ['Inbox text', 'Текст во входящих'],
  unseenDays: ['Not seen for days', 'Не заходил дней'],
  user: ['User', 'Пользователь'],
};

const pick = ([en, ru], language) => (language === 'ru' ? ru : en);

/** What is wrong with a text, in the language of the page. */
export function textFaultIn({ code, about, message }, language) {
  return TEXT_FAULTS[code] ? pick(TEXT_FAULTS[code], language)(about) : message;
}

function detail({ field, ...fault }, language) {
  const name = field
    .split('.')
    .filter((part) => !['audience', 'content', 'text'].includes(part) || part === field)
    .map((part) => (FIELDS[part] ? pick(FIELDS[part], language) : part))
    .join(', ');
  if (fault.code) return `${name}: ${textFaultIn(fault, language)}`;
  // Rules of single fields are told in English only; in another language the name of the field has to do.
  return language === 'en' ? `${name}: ${fault.message}` : name;
}

/** What to tell a person about a failed call; a failure without a status has not reached the server. */
export function sentenceFor({ code, status, errors = [] }, language) {
  const unreachable = status === undefined || status === 503;
  const sentence = FAULTS[code] ?? FAULTS[unreachable ? 'service.unavailable' : 'service.unexpected'];
  const details = [...new Set(errors.map((error) => detail(error, language)))];
  return [pick(sentence, language), details.join('; ')].filter(Boolean).join(' ');
}
