import { createInstance, type i18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { Language } from '../stores/settings.ts';
import { resources } from './resources.ts';

/** Texts are all bundled, so the instance is ready when this returns. React escapes; i18next must not do it twice. */
export function createI18n(language: Language): i18n {
  const instance = createInstance();
  void instance.use(initReactI18next).init({
    lng: language,
    fallbackLng: 'vi',
    resources,
    ns: Object.keys(resources.vi),
    defaultNS: 'shared',
    interpolation: { escapeValue: false },
    initAsync: false,
    react: { useSuspense: false },
  });
  return instance;
}
