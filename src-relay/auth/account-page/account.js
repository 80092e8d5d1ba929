// The page behind an invitation or reset link. Plain JavaScript: it is served as it is.

const TEXTS = {
  vi: {
    otherLanguage: 'English',
    invitation: 'Chào mừng bạn đến với Liendesk',
    'password-reset': 'Đặt lại mật khẩu',
    explanation: 'Hãy chọn mật khẩu có ít nhất 10 ký tự. Một câu dài dễ nhớ thì tốt hơn một từ khó.',
    password: 'Mật khẩu mới',
    repetition: 'Nhập lại mật khẩu',
    show: 'Hiện mật khẩu',
    submit: 'Lưu mật khẩu',
    noLink: 'Liên kết không đầy đủ',
    askAgain: 'Hãy mở đúng liên kết bạn đã nhận, hoặc xin quản trị viên một liên kết mới.',
    done: 'Đã lưu mật khẩu',
    signIn: 'Bây giờ hãy mở Liendesk và đăng nhập bằng {email}.',
    tooShort: 'Mật khẩu cần ít nhất 10 ký tự.',
    differs: 'Hai mật khẩu không giống nhau.',
    'link-used-or-expired': 'Liên kết này đã được dùng hoặc đã hết hạn. Hãy xin quản trị viên một liên kết mới.',
    'agent-inactive': 'Tài khoản này đã bị khóa. Hãy hỏi quản trị viên.',
    failed: 'Không lưu được. Hãy kiểm tra kết nối rồi thử lại.',
  },
  en: {
    otherLanguage: 'Tiếng Việt',
    invitation: 'Welcome to Liendesk',
    'password-reset': 'Set a new password',
    explanation: 'Choose a password of at least 10 characters. A long sentence that you remember beats a hard word.',
    password: 'New password',
    repetition: 'Repeat the password',
    show: 'Show the password',
    submit: 'Save the password',
    noLink: 'This link is not complete',
    askAgain: 'Open exactly the link that you were given, or ask an administrator for a new one.',
    done: 'Your password is saved',
    signIn: 'Now open Liendesk and sign in as {email}.',
    tooShort: 'A password has at least 10 characters.',
    differs: 'The two passwords are not the same.',
    'link-used-or-expired': 'This link was used already or has expired. Ask an administrator for a new one.',
    'agent-inactive': 'This account was deactivated. Ask an administrator.',
    failed: 'It could not be saved. Check your connection and try again.',
  },
};

const MIN_LENGTH = 10;
const ENDPOINTS = { invitation: 'accept-invitation', 'password-reset': 'reset-password' };

const [purpose = '', token = ''] = location.hash.slice(1).split('=');
const isLink = Object.hasOwn(ENDPOINTS, purpose) && token !== '';
// The secret stays in this page: not in the history, nor in what somebody copies from the address bar.
history.replaceState(null, '', location.pathname);

let language = navigator.language.toLowerCase().startsWith('vi') ? 'vi' : 'en';
/** @type {{ title: string, explanation: string, email?: string }} */
let shown = isLink ? { title: purpose, explanation: 'explanation' } : { title: 'noLink', explanation: 'askAgain' };
let problem = '';

const element = (id) => document.getElementById(id);
const say = (key) => TEXTS[language][key] ?? TEXTS[language].failed;

function render() {
  document.documentElement.lang = language;
  document.title = `${say(shown.title)} – Liendesk`;
  element('language').textContent = say('otherLanguage');
  element('language').lang = language === 'vi' ? 'en' : 'vi';
  element('title').textContent = say(shown.title);
  element('explanation').textContent = say(shown.explanation).replace('{email}', shown.email ?? '');
  element('password-label').textContent = say('password');
  element('repetition-label').textContent = say('repetition');
  element('show-label').textContent = say('show');
  element('submit').textContent = say('submit');
  element('problem').textContent = problem === '' ? '' : say(problem);
  element('form').hidden = !(isLink && shown.email === undefined);
}

function report(key) {
  problem = key;
  render();
}

async function save() {
  const password = element('password').value;
  if (password.length < MIN_LENGTH) return report('tooShort');
  if (password !== element('repetition').value) return report('differs');
  element('submit').disabled = true;
  report('');
  try {
    const response = await fetch(`/api/v1/auth/${ENDPOINTS[purpose]}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token, password }),
    });
    const answer = await response.json();
    if (!response.ok) return report(answer.reason ?? 'failed');
    shown = { title: 'done', explanation: 'signIn', email: answer.email };
    element('form').reset();
    render();
  } catch {
    report('failed');
  } finally {
    element('submit').disabled = false;
  }
}

element('language').addEventListener('click', () => {
  language = language === 'vi' ? 'en' : 'vi';
  render();
});
element('show').addEventListener('change', ({ target }) => {
  for (const id of ['password', 'repetition']) element(id).type = target.checked ? 'text' : 'password';
});
element('form').noValidate = true;
element('form').addEventListener('submit', (event) => {
  event.preventDefault();
  void save();
});
render();
if (isLink) element('password').focus();
