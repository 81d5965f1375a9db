//! What a word counts: BM25F (Robertson, Zaragoza: The Probabilistic Relevance Framework, 2009), with
//! what a note says of a word rounded to one of 16 levels (as impact-ordered indexes do: Anh, Moffat 2006).
//!
//! The engine in the browser computes the same numbers from the same levels, bit for bit: only sums,
//! products, quotients and square roots are used, which every machine rounds alike.

/// How soon more of the same stops counting.
pub const K1: f64 = 1.2;
/// How much a long note's words count less.
const B: f64 = 0.75;

/// From which weight on each level but the lowest holds: 2^(7.5/16·level − 2). A level is as wide as a third more.
const LEVELS: [f64; 15] = [
    0.345977, 0.478802, 0.662618, 0.917004, 1.269051, 1.756252, 2.430495, 3.363586, 4.654899, 6.441961, 8.915094,
    12.337687, 17.074246, 23.629218, 32.700709,
];

/// What a word of each level counts: t·(k₁+1)/(t+k₁) for the weight t in the middle of the level.
pub const IMPACTS: [f64; 16] = [
    0.433, 0.5572, 0.7028, 0.8663, 1.0415, 1.2196, 1.3917, 1.5496, 1.6881, 1.8046, 1.8993, 1.9741, 2.032, 2.076, 2.109,
    2.1334,
];

/// A length with its three highest bits, so that it seldom changes: the middle of those that are rounded to it.
pub fn round_length(length: u64) -> u64 {
    let low = length.max(1).ilog2().saturating_sub(2);
    (length >> low << low) + (1 << low) / 2
}

/// A note's weight for a word, of its length and of the average one; all in the same unit.
pub fn normalised(weight: f64, length: f64, average: f64) -> f64 {
    weight / (1.0 - B + B * length / average.max(1.0))
}

/// The level of a normalised weight, in which 1 is one word of a text of average length.
pub fn level(weight: f64) -> u8 {
    LEVELS.iter().filter(|least| weight >= **least).count() as u8
}

/// How much a word tells that `df` of `notes` have.
pub fn idf(notes: usize, df: usize) -> f64 {
    let (notes, df) = (notes as f64, df as f64);
    ln(1.0 + (notes - df + 0.5) / (df + 0.5))
}

/// The natural logarithm of a number of 1 or more, to ten digits.
pub fn ln(mut number: f64) -> f64 {
    let mut halved = 0.0;
    while number >= 2.0 {
        number /= 2.0;
        halved += 1.0;
    }
    let part = (number - 1.0) / (number + 1.0);
    let square = part * part;
    let mut sum = 0.0;
    for odd in [19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0] {
        sum = sum * square + 1.0 / odd;
    }
    2.0 * part * sum + halved * std::f64::consts::LN_2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_a_third_apart_and_impacts_are_their_middles() {
        for (at, least) in LEVELS.iter().enumerate() {
            let exact = ((at + 1) as f64 * 7.5 / 16.0 - 2.0).exp2();
            assert!((least - exact).abs() < 1e-6);
            assert_eq!((level(*least), level(*least * 0.999)), (at as u8 + 1, at as u8));
        }
        for (at, impact) in IMPACTS.iter().enumerate() {
            let middle = ((at as f64 + 0.5) * 7.5 / 16.0 - 2.0).exp2();
            assert!((impact - middle * (K1 + 1.0) / (middle + K1)).abs() < 1e-4);
        }
    }

    #[test]
    fn the_logarithm_is_one() {
        for number in [1.0, 1.5, 1.999, 2.0, 10.0, 12_345.6, 1e9] {
            assert!((ln(number) - f64::ln(number)).abs() < 1e-9, "{number}");
        }
        assert!(idf(1000, 1) > idf(1000, 10) && idf(1000, 999) > 0.0);
    }

    #[test]
    fn a_rounded_length_is_near() {
        assert_eq!([0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 1000].map(round_length), [0, 1, 2, 3, 4, 5, 7, 9, 9, 11, 960]);
        for length in 1..5_000u64 {
            let rounded = round_length(length) as f64 / length as f64;
            assert!((0.87..1.13).contains(&rounded), "{length}");
        }
    }
}
