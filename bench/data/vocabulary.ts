import type { Random } from '../../shared/primitives/clock.ts';

/** Words that chats with a shop are full of, the most frequent first. */
const FREQUENT_VIETNAMESE =
  'em ạ anh chị không được cho mình shop ơi là có đơn hàng này và đã của với giúp để chưa thì còn đến rồi gửi bao ' +
  'nhiêu ngày hôm nay mai giao nhận đặt mua giá tiền size màu áo quần giày đổi trả hoàn lại kiểm tra thông tin địa ' +
  'chỉ số điện thoại xin cảm ơn vâng dạ nhé nha luôn khi nào thế sao lâu quá vẫn chờ thanh toán chuyển khoản phí ' +
  'ship miễn mã giảm khuyến mãi sản phẩm hết cái chiếc đôi hộp bị lỗi rách hỏng nhầm thiếu đúng sai mới cũ xem ảnh ' +
  'hình rất đẹp tốt nhanh chậm liên hệ bên kho vận hỗ trợ khách nhân viên tư vấn bảo hành hóa ngân thẻ ví trước sau';
const FREQUENT_ENGLISH =
  'the to I my is it a and you for of please have order not can in on was this that hi hello thanks with when how ' +
  'but what will still yet delivery shipping received item refund return size color wrong broken missing address ' +
  'change cancel payment paid card account number email phone days today tomorrow waiting help check status update ' +
  'package tracking late sorry really need want would like possible replace exchange photo sent know let me because';

const ONSETS = 'b c ch d đ g gi h kh l m n ng nh ph qu r s t th tr v x'.split(' ');
const RIMES =
  'a ai am an ang anh ao au ay ăn ăng âm ân âng âu ây e em en eo ê êm ên ênh i iên iêu im in inh o oa oan oang oi ' +
  'ong ô ôi ôm ôn ông ơ ơi ơm ơn u ua ui un ung uôi uông ư ưa ương ươi ươn y yên';
/** Combining marks of the five tones that are written, and none. */
const TONES = ['', '\u0300', '\u0301', '\u0309', '\u0303', '\u0323'];
const STEMS = 'act bal car den fin gra hos lin mar nor par quil rec sol tan ver wes zon bri clo dra fle glo pri sta';
const MIDDLES = ['', 'i', 'a', 'er', 'on', 'en', 'is', 'ul'];
const ENDINGS = ['', 's', 'ed', 'ing', 'ly', 'ment', 'er', 'ion', 'al', 'ive', 'ness', 'y'];

export interface Vocabulary {
  vietnamese: readonly string[];
  english: readonly string[];
}

/**
 * Two lists of words, the most frequent first: frequent words of our own choice, then words put together by the rules of
 * each language's spelling, so that the list has the long tail of real text.
 */
export function makeVocabulary(random: Random): Vocabulary {
  const syllables = ONSETS.flatMap((onset) =>
    RIMES.split(' ').flatMap((rime) => TONES.map((tone) => `${onset}${withTone(rime, tone)}`)),
  );
  const compounds = STEMS.split(' ').flatMap((stem) =>
    MIDDLES.flatMap((middle) =>
      ['', ...STEMS.split(' ').slice(0, 4)].flatMap((second) => ENDINGS.map((end) => stem + middle + second + end)),
    ),
  );
  return {
    vietnamese: merge(FREQUENT_VIETNAMESE.split(' '), shuffle(syllables, random)),
    english: merge(FREQUENT_ENGLISH.split(' '), shuffle(compounds, random)),
  };
}

/** Puts the tone over the rime's first vowel and composes both, as keyboards do. */
function withTone(rime: string, tone: string): string {
  return (rime.slice(0, 1) + tone + rime.slice(1)).normalize('NFC');
}

function merge(frequent: readonly string[], others: readonly string[]): string[] {
  return [...new Set([...frequent, ...others])];
}

function shuffle(words: string[], random: Random): string[] {
  const shuffled = [...words];
  for (let index = shuffled.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random.fraction() * (index + 1));
    [shuffled[index], shuffled[other]] = [shuffled[other]!, shuffled[index]!];
  }
  return shuffled;
}
