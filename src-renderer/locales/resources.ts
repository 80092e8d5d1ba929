import attentionEn from './en/attention.json';
import composerEn from './en/composer.json';
import conversationEn from './en/conversation.json';
import customerEn from './en/customer.json';
import errorsEn from './en/errors.json';
import inboxEn from './en/inbox.json';
import searchEn from './en/search.json';
import sharedEn from './en/shared.json';
import shellEn from './en/shell.json';
import signInEn from './en/sign-in.json';
import attentionVi from './vi/attention.json';
import composerVi from './vi/composer.json';
import conversationVi from './vi/conversation.json';
import customerVi from './vi/customer.json';
import errorsVi from './vi/errors.json';
import inboxVi from './vi/inbox.json';
import searchVi from './vi/search.json';
import sharedVi from './vi/shared.json';
import shellVi from './vi/shell.json';
import signInVi from './vi/sign-in.json';

/** Vietnamese is the reference: its keys are the type of all keys, and the other languages have the same ones. */
const vi = {
  attention: attentionVi,
  composer: composerVi,
  conversation: conversationVi,
  customer: customerVi,
  errors: errorsVi,
  inbox: inboxVi,
  search: searchVi,
  shared: sharedVi,
  shell: shellVi,
  'sign-in': signInVi,
};

const en = {
  attention: attentionEn,
  composer: composerEn,
  conversation: conversationEn,
  customer: customerEn,
  errors: errorsEn,
  inbox: inboxEn,
  search: searchEn,
  shared: sharedEn,
  shell: shellEn,
  'sign-in': signInEn,
};

export const resources = { vi, en };
export type Resources = typeof vi;
