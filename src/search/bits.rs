//! Numbers as bits, the lowest first, and the bits as text. What is written here is read by
//! `themes/default/static/search/engine.js`.

/// Writes bits.
#[derive(Debug, Default)]
pub struct Bits {
    bytes: Vec<u8>,
    /// Bits that do not fill a byte yet.
    rest: u64,
    held: u32,
}

impl Bits {
    /// The `count` lowest bits of a number; at most 32.
    pub fn put(&mut self, number: u32, count: u32) {
        self.rest |= u64::from(number) << self.held;
        self.held += count;
        while self.held >= 8 {
            self.bytes.push(self.rest as u8);
            self.rest >>= 8;
            self.held -= 8;
        }
    }

    /// `count` bits that are 1, and one that is 0.
    pub fn put_unary(&mut self, mut count: u32) {
        while count >= 31 {
            self.put(u32::MAX >> 1, 31);
            count -= 31;
        }
        self.put((1 << count) - 1, count + 1);
    }

    /// A number of 1 or more in Elias' gamma code: its length in unary, then the bits below its highest.
    pub fn put_gamma(&mut self, number: u32) {
        let length = number.max(1).ilog2();
        self.put_unary(length);
        self.put(number & !(1 << length), length);
    }

    /// A number in Rice's code: what is above its `k` lowest bits in unary, then those.
    pub fn put_rice(&mut self, number: u32, k: u32) {
        self.put_unary(number >> k);
        self.put(number & ((1 << k) - 1), k);
    }

    /// Ascending numbers: the best parameter for their differences in 5 bits, then the differences less 1.
    /// `each` writes what belongs to one of them after it.
    pub fn put_ascending(&mut self, numbers: &[u32], mut each: impl FnMut(&mut Self, usize)) {
        let mut before = u32::MAX;
        let gaps: Vec<u32> = numbers
            .iter()
            .map(|number| number.wrapping_sub(std::mem::replace(&mut before, *number)).wrapping_sub(1))
            .collect();
        let k = best_parameter(&gaps);
        self.put(k, 5);
        for (at, gap) in gaps.iter().enumerate() {
            self.put_rice(*gap, k);
            each(self, at);
        }
    }

    /// The bytes, the last filled up with zeros.
    pub fn finish(mut self) -> Vec<u8> {
        if self.held > 0 {
            self.bytes.push(self.rest as u8);
        }
        self.bytes
    }
}

/// The parameter of Rice's code with which the numbers need the fewest bits.
fn best_parameter(numbers: &[u32]) -> u32 {
    let bits = |k: u32| numbers.iter().map(|number| u64::from((number >> k) + k)).sum::<u64>();
    let mean = numbers.iter().map(|number| u64::from(*number)).sum::<u64>() / numbers.len().max(1) as u64;
    // The best one lies within one of the mean's logarithm.
    let near = (mean + 1).ilog2();
    (near.saturating_sub(1)..=near + 1).min_by_key(|k| bits(*k)).unwrap_or(0)
}

/// A canonical Huffman code for 16 symbols: a code is longer or equal than that of the symbol before
/// it in the order of (length, symbol), and one more than it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Huffman {
    lengths: [u8; 16],
    /// With the bit that is written first as the lowest.
    codes: [u16; 16],
}

impl Huffman {
    /// The best code for symbols that occur this often. With 16 symbols none is longer than 15 bits.
    pub fn new(counts: &[u32; 16]) -> Self {
        let mut lengths = [0u8; 16];
        // Trees: how often, the symbols in them as bits. The rarest two are joined until one is left.
        let mut trees: Vec<(u64, u16)> =
            (0..16).filter(|at| counts[*at] > 0).map(|at| (u64::from(counts[at]), 1 << at)).collect();
        if let [(_, only)] = trees.as_slice() {
            lengths[only.trailing_zeros() as usize] = 1;
        }
        while trees.len() > 1 {
            trees.sort_by(|a, b| b.cmp(a));
            let (Some(a), Some(b)) = (trees.pop(), trees.pop()) else { break };
            let symbols = a.1 | b.1;
            (0..16).filter(|at| symbols >> at & 1 == 1).for_each(|at| lengths[at] += 1);
            trees.push((a.0 + b.0, symbols));
        }
        let mut codes = [0u16; 16];
        let mut code = 0u16;
        for length in 1..=15u8 {
            for symbol in (0..16).filter(|symbol| lengths[*symbol] == length) {
                codes[symbol] = code.reverse_bits() >> (16 - length);
                code += 1;
            }
            code <<= 1;
        }
        Huffman { lengths, codes }
    }

    /// The code itself: 16 lengths of 4 bits.
    pub fn put(&self, bits: &mut Bits) {
        self.lengths.iter().for_each(|length| bits.put(u32::from(*length), 4));
    }

    /// A symbol that has a code.
    pub fn put_symbol(&self, bits: &mut Bits, symbol: u8) {
        let symbol = usize::from(symbol & 15);
        bits.put(u32::from(self.codes[symbol]), u32::from(self.lengths[symbol]));
    }
}

/// Bytes as text (RFC 4648's base64, without padding).
pub fn base64(bytes: &[u8], text: &mut String) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    text.reserve(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let three = chunk.iter().fold(0u32, |three, byte| three << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for at in 0..=chunk.len() {
            text.push(char::from(DIGITS[(three >> (18 - 6 * at) & 63) as usize]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Read<'b>(&'b [u8], usize);

    impl Read<'_> {
        fn bit(&mut self) -> u32 {
            let bit = self.0[self.1 / 8] >> (self.1 % 8) & 1;
            self.1 += 1;
            u32::from(bit)
        }
        fn take(&mut self, count: u32) -> u32 {
            (0..count).map(|at| self.bit() << at).sum()
        }
        fn unary(&mut self) -> u32 {
            let mut count = 0;
            while self.bit() == 1 {
                count += 1;
            }
            count
        }
    }

    #[test]
    fn numbers_are_read_as_they_were_written() {
        let numbers = [1, 2, 3, 7, 8, 1000, 0x7fff_ffff, u32::MAX];
        let mut bits = Bits::default();
        numbers.iter().for_each(|number| bits.put_gamma(*number));
        [0, 1, 30, 31, 62, 100].iter().for_each(|count| bits.put_unary(*count));
        let bytes = bits.finish();
        let mut read = Read(&bytes, 0);
        for number in numbers {
            let length = read.unary();
            assert_eq!(read.take(length) | 1 << length, number);
        }
        assert_eq!([0, 1, 30, 31, 62, 100].map(|_| read.unary()), [0, 1, 30, 31, 62, 100]);
    }

    #[test]
    fn ascending_numbers_are_read_as_they_were_written() {
        for numbers in [
            vec![],
            vec![0],
            vec![0, 1, 2, 3],
            vec![5, 900, 901, 40_000, 1_000_000],
            (0..999).map(|n| n * 37).collect(),
        ] {
            let mut bits = Bits::default();
            bits.put_ascending(&numbers, |bits, at| bits.put(at as u32 & 1, 1));
            let bytes = bits.finish();
            let mut read = Read(&bytes, 0);
            let k = read.take(5);
            let mut before = u32::MAX;
            for (at, number) in numbers.iter().enumerate() {
                before = before.wrapping_add(1 + (read.unary() << k | read.take(k)));
                assert_eq!((before, read.bit()), (*number, at as u32 & 1));
            }
        }
    }

    #[test]
    fn a_code_has_no_prefix_of_another_and_its_lengths_tell_it() {
        for counts in [
            [1; 16],
            std::array::from_fn(|n| 1 << n),
            std::array::from_fn(|n| (n % 3) as u32),
            std::array::from_fn(|n| u32::from(n == 9)),
        ] {
            let code = Huffman::new(&counts);
            let used: Vec<usize> = (0..16).filter(|symbol| counts[*symbol] > 0).collect();
            assert!((0..16).all(|symbol| (code.lengths[symbol] > 0) == (counts[symbol] > 0)));
            for a in &used {
                for b in used.iter().filter(|b| *b != a) {
                    let mask = (1u32 << code.lengths[*a].min(code.lengths[*b])) - 1;
                    assert_ne!(u32::from(code.codes[*a]) & mask, u32::from(code.codes[*b]) & mask);
                }
            }
        }
        assert_eq!(Huffman::new(&std::array::from_fn(|n| 1 << n)).lengths[..3], [15, 15, 14]);
    }

    #[test]
    fn base64_is_that_of_the_rfc() {
        for (bytes, expected) in
            [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("\u{ff}?>", "w78/Pg")]
        {
            let mut text = String::new();
            base64(bytes.as_bytes(), &mut text);
            assert_eq!(text, expected);
        }
    }
}
