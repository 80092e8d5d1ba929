import type { i18n, Namespace, TFunction } from 'i18next';
import { use, useCallback, useSyncExternalStore } from 'react';
import { I18nContext } from 'react-i18next';

interface Texts<Name extends Namespace> {
  t: TFunction<Name>;
  i18n: i18n;
}

/**
 * `useTranslation` for what is drawn dozens of times at once, such as the lines of a conversation: it makes nothing per
 * component, and looks up a text without values once in each language.
 */
export function useTexts<Name extends Namespace & string>(name: Name): Texts<Name> {
  const instance = use(I18nContext)?.i18n;
  if (instance === undefined) throw new Error('useTexts outside of I18nextProvider');
  const subscribe = useCallback(
    (listener: () => void) => {
      instance.on('languageChanged', listener);
      return () => instance.off('languageChanged', listener);
    },
    [instance],
  );
  const language = useSyncExternalStore(subscribe, () => instance.language);
  return textsOf(instance, name, language);
}

const known = new WeakMap<i18n, Map<string, Texts<Namespace>>>();

function textsOf<Name extends Namespace & string>(instance: i18n, name: Name, language: string): Texts<Name> {
  const ofInstance = known.get(instance) ?? new Map<string, Texts<Namespace>>();
  known.set(instance, ofInstance);
  const key = `${language} ${name}`;
  const found = ofInstance.get(key) ?? { t: rememberPlain(instance.getFixedT(language, name)), i18n: instance };
  ofInstance.set(key, found);
  return found as Texts<Name>;
}

/** A text without values never changes. */
function rememberPlain(t: TFunction<Namespace>): TFunction<Namespace> {
  const plain = new Map<unknown, unknown>();
  const lookUp = t as unknown as (...parts: unknown[]) => unknown;
  const remembering = (...parts: unknown[]): unknown => {
    if (parts.length > 1) return lookUp(...parts);
    const [name] = parts;
    const text = plain.get(name) ?? lookUp(name);
    plain.set(name, text);
    return text;
  };
  return Object.assign(remembering, t) as unknown as TFunction<Namespace>;
}
