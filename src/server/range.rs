//! Byte ranges (RFC 9110, section 14).

use std::ops::Range;

/// What a `Range` header asks for of a representation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// All of it: there is no header, or one that may be ignored, such as one for several ranges.
    Whole,
    /// These bytes.
    Part(Range<u64>),
    /// Bytes that it does not have.
    Unsatisfiable,
}

/// Reads the header's value for a representation of `length` bytes.
pub fn read(value: &str, length: u64) -> Asked {
    let Some((unit, set)) = value.split_once('=') else { return Asked::Whole };
    let Some((first, last)) = set.trim().split_once('-').filter(|_| unit.trim().eq_ignore_ascii_case("bytes")) else {
        return Asked::Whole;
    };
    // A number too large for any file is still a number.
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().unwrap_or(u64::MAX))
    };
    let range = match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => first..last.saturating_add(1).min(length),
        (Some(first), None) if last.is_empty() => first..length,
        (None, Some(suffix)) if first.is_empty() => length.saturating_sub(suffix)..length,
        _ => return Asked::Whole,
    };
    if range.is_empty() { Asked::Unsatisfiable } else { Asked::Part(range) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_read_as_it_is_meant() {
        for (value, range) in [
            ("bytes=0-0", 0..1),
            ("bytes=0-99", 0..100),
            ("bytes=2-5", 2..6),
            ("bytes=90-", 90..100),
            ("bytes=90-200", 90..100),
            ("bytes=-10", 90..100),
            ("bytes=-200", 0..100),
            ("Bytes = 1-2", 1..3),
            ("bytes=5-99999999999999999999999", 5..100),
            ("bytes=-99999999999999999999999", 0..100),
        ] {
            assert_eq!(read(value, 100), Asked::Part(range), "{value}");
        }
    }

    #[test]
    fn what_is_not_there_is_told_from_what_is_no_range() {
        for value in ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=99999999999999999999999-"] {
            assert_eq!(read(value, 100), Asked::Unsatisfiable, "{value}");
        }
        assert_eq!(read("bytes=0-", 0), Asked::Unsatisfiable);
        for value in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=5-2",
            "bytes=a-b",
            "bytes=0-1,4-5",
            "bytes=+1-2",
            "bytes=1--2",
            "lines=1-2",
            "bytes=0x1-2",
            "bytes= 1 - 2",
        ] {
            assert_eq!(read(value, 100), Asked::Whole, "{value}");
        }
    }
}
