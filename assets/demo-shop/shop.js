// A shop's own script: it fills the page, and talks to the chat the way any shop's would.
const lang = document.documentElement.lang === 'en' ? 'en' : 'vi';

const products = [
  ['candle', 'Nến thơm quế hồi', 'Cinnamon and anise candle', 145000],
  ['tray', 'Khay gỗ óc chó', 'Walnut tray', 310000],
  ['chair', 'Ghế gỗ sồi Bắc Âu', 'Nordic oak chair', 1290000],
  ['teapot', 'Ấm trà tử sa', 'Zisha clay teapot', 650000],
  ['bowl', 'Bộ 4 bát sứ men lam', 'Set of 4 blue-glaze bowls', 360000],
  ['flask', 'Bình giữ nhiệt tre 500ml', 'Bamboo flask, 500 ml', 259000],
  ['lamp', 'Đèn bàn mây tre', 'Rattan table lamp', 420000],
  ['cushion', 'Gối tựa thổ cẩm', 'Brocade cushion', 220000],
];

for (const element of document.querySelectorAll('[data-vi]')) element.textContent = element.dataset[lang];
document.querySelector('[data-switch]').href = `?lang=${lang === 'vi' ? 'en' : 'vi'}`;
for (const element of document.querySelectorAll('[data-chat]')) element.addEventListener('click', openChat);

const list = document.querySelector('main');
for (const [picture, vi, en, price] of products) {
  const card = document.createElement('article');
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 200 200');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  use.setAttribute('href', `/pictures.svg#${picture}`);
  svg.append(use);
  const ask = textOf('button', lang === 'vi' ? 'Hỏi về sản phẩm' : 'Ask about this');
  ask.addEventListener('click', openChat);
  card.append(
    svg,
    textOf('h2', lang === 'vi' ? vi : en),
    textOf('p', `${price.toLocaleString('vi-VN')} ₫`),
    ask,
  );
  list.append(card);
}

// Customers who are signed in at the shop: its server vouches for them.
const account = document.querySelector('#account');
const accounts = await fetch('/accounts').then((response) => response.json());
if (accounts.length > 0) {
  account.hidden = false;
  account.setAttribute('aria-label', lang === 'vi' ? 'Tài khoản' : 'Account');
  account.append(new Option(lang === 'vi' ? 'Khách vãng lai' : 'Guest', ''));
  for (const { id, name } of accounts) account.append(new Option(name, id));
  const chosen = sessionStorage.getItem('account') ?? '';
  account.value = chosen;
  if (chosen !== '') chat('identify', accounts.find(({ id }) => id === chosen));
  account.addEventListener('change', () => {
    sessionStorage.setItem('account', account.value);
    chat('reset');
    if (account.value !== '') chat('identify', accounts.find(({ id }) => id === account.value));
  });
}

function openChat() {
  chat('open');
}

/** Commands given before the chat is there are kept for it. */
function chat(...command) {
  window.liendesk ??= (...given) => (window.liendesk.q ??= []).push(given);
  window.liendesk(...command);
}

function textOf(name, text) {
  const element = document.createElement(name);
  element.textContent = text;
  return element;
}
