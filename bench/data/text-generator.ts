import type { Random } from '../../shared/primitives/clock.ts';
import { type Vocabulary, makeVocabulary } from './vocabulary.ts';

const SHARE_OF_VIETNAMESE = 0.8;
const MEAN_WORDS = 22;
const MAX_WORDS = 120;

/**
 * Texts such as customers and agents write: Vietnamese and English, mostly short and now and then long, in which the
 * word of rank r comes about 1/r as often as the first (Zipf). The same seed gives the same texts.
 */
export class TextGenerator {
  readonly #random: Random;
  readonly #vocabulary: Vocabulary;

  constructor(random: Random) {
    this.#random = random;
    this.#vocabulary = makeVocabulary(random);
  }

  /** One message: about 110 characters on average. */
  message(): string {
    const words =
      this.#random.fraction() < SHARE_OF_VIETNAMESE ? this.#vocabulary.vietnamese : this.#vocabulary.english;
    const length = Math.min(MAX_WORDS, 1 + Math.floor(-Math.log(1 - this.#random.fraction()) * MEAN_WORDS));
    const text = Array.from({ length }, () => this.#pick(words)).join(' ');
    return text[0]!.toUpperCase() + text.slice(1) + (this.#random.fraction() < 0.5 ? '.' : '');
  }

  /** A Vietnamese name of three parts. */
  name(): string {
    const part = (): string => {
      const word = this.#pick(this.#vocabulary.vietnamese);
      return word[0]!.toUpperCase() + word.slice(1);
    };
    return `${part()} ${part()} ${part()}`;
  }

  /** A word of about this rank, from both languages in turn. */
  wordOfRank(rank: number): string {
    const list = rank % 2 === 0 ? this.#vocabulary.vietnamese : this.#vocabulary.english;
    return list[Math.min(rank, list.length - 1)]!;
  }

  /** Rank r with a chance that falls as 1/r: an even draw on the logarithm of the rank. */
  #pick(words: readonly string[]): string {
    const rank = Math.exp(this.#random.fraction() * Math.log(words.length));
    return words[Math.floor(rank) - 1]!;
  }
}
