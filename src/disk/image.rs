//! The size of an image, from the start of its file: the only door to imagesize.

use crate::path::SourcePath;

/// How much of a file's start is looked at. Cameras put a preview, a colour profile and notes of
/// up to 64 kB each before the size.
pub(super) const START: usize = 512 * 1024;

/// No browser shows an image that is larger, and no layout wants one.
const LARGEST: usize = 100_000;

/// Whether the file, by its name, is an image whose size can be read.
pub(super) fn is_image(path: &SourcePath) -> bool {
    matches!(path.extension().as_str(), "avif" | "gif" | "jpeg" | "jpg" | "png" | "webp")
}

/// Width and height in pixels, as a browser shows the image.
pub(super) fn dimensions(start: &[u8]) -> Option<(u32, u32)> {
    let size = imagesize::blob_size(start).ok()?;
    let fits = |n: usize| u32::try_from(n).ok().filter(|_| (1..=LARGEST).contains(&n));
    let (width, height) = (fits(size.width)?, fits(size.height)?);
    Some(if is_turned(start) { (height, width) } else { (width, height) })
}

/// Whether a JPEG's Exif data says that it lies on its side, as browsers then show it upright.
///
/// JPEG: ISO/IEC 10918-1, annex B. Exif 2.3, 4.6.2: the orientation is the tag 0x0112 of the first
/// directory; 5 to 8 exchange width and height.
fn is_turned(jpeg: &[u8]) -> bool {
    let Some(mut rest) = jpeg.strip_prefix(b"\xff\xd8") else { return false };
    while let [0xff, marker, high, low, after @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low])).saturating_sub(2);
        let Some((segment, next)) = after.split_at_checked(length) else { return false };
        match (marker, segment.strip_prefix(b"Exif\0\0")) {
            (0xe1, Some(tiff)) => return orientation(tiff).is_some_and(|value| (5..=8).contains(&value)),
            (0xda, _) => return false,
            _ => rest = next,
        }
    }
    false
}

fn orientation(tiff: &[u8]) -> Option<u16> {
    let little = tiff.starts_with(b"II");
    let word = |at: usize| {
        let bytes: [u8; 2] = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    };
    let (a, b) = if little { (word(6)?, word(4)?) } else { (word(4)?, word(6)?) };
    let directory = usize::from(a) << 16 | usize::from(b);
    let entries = usize::from(word(directory)?);
    (0..entries).map(|i| directory + 2 + i * 12).find(|&at| word(at) == Some(0x0112)).and_then(|at| word(at + 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A JPEG's start: an Exif segment with the orientation, a filler segment, and the frame header.
    fn jpeg(orientation: u8, little: bool, filler: usize) -> Vec<u8> {
        let mut bytes = b"\xff\xd8\xff\xe1\x00\x20Exif\0\0".to_vec();
        bytes.extend(if little {
            [b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".as_slice(), &[orientation, 0, 0, 0, 0, 0]].concat()
        } else {
            [b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01".as_slice(), &[0, orientation, 0, 0, 0, 0]].concat()
        });
        bytes.extend([0xff, 0xe2]);
        bytes.extend(u16::try_from(filler + 2).unwrap().to_be_bytes());
        bytes.extend(vec![0; filler]);
        bytes.extend(b"\xff\xc0\x00\x11\x08\x00\x64\x00\xc8");
        bytes
    }

    #[test]
    fn a_photograph_taken_upright_is_higher_than_wide() {
        for little in [true, false] {
            assert_eq!(dimensions(&jpeg(1, little, 60_000)), Some((200, 100)));
            assert_eq!(dimensions(&jpeg(6, little, 60_000)), Some((100, 200)));
        }
    }

    #[test]
    fn a_header_that_is_cut_or_lies_gives_no_size() {
        let whole = jpeg(6, false, 10);
        for end in 0..whole.len() {
            assert_eq!(dimensions(&whole[..end]), None, "{end}");
        }
        assert_eq!(dimensions(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xff\xff\xff\xff\xff\xff\xff"), None);
        assert_eq!(dimensions(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0\0\0\0\x10"), None);
        assert_eq!(dimensions(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x20\0\0\0\x10"), Some((32, 16)));
    }

    #[test]
    fn random_bytes_behind_every_signature_end() {
        let mut random = 88_172_645_463_325_252_u64;
        let mut next = || {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            random.to_le_bytes()[0]
        };
        let signatures: [&[u8]; 7] = [
            b"\xff\xd8\xff\xe1",
            b"\x89PNG\r\n\x1a\n",
            b"GIF89a",
            b"RIFF\0\0\0\0WEBPVP8 ",
            b"\0\0\0\x1cftypavif",
            b"\0\0\0\x0cftypmif1\0\0\0\x08meta\0\0\0\0\0\0\0\x08iprp\0\0\0\x08ipco",
            b"\xff\xd8\xff\xe1\x01\x00Exif\0\0MM\0*",
        ];
        for round in 0..20_000 {
            let mut bytes = signatures[round % signatures.len()].to_vec();
            bytes.extend((0..round % 300).map(|_| if next() < 100 { 0 } else { next() }));
            dimensions(&bytes);
        }
    }
}
