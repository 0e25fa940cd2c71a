//! The content of backups: a tar archive with one file of numbered lines. Any range of it can be generated on its own.

use std::ops::Range;

const BLOCK: u64 = 512;
/// The same as `usize`.
const BLOCK_LENGTH: usize = 512;
/// An archive ends with two empty blocks.
const TRAILER: u64 = 2 * BLOCK;
/// Every line has the same length, so that each byte follows from its position.
const LINE_LENGTH: u64 = 64;
const FILE_NAME: &[u8] = b"dump.sql";

/// A tar archive (ustar) with the file `dump.sql`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Archive {
    dump_size: u64,
    modified: i64,
}

impl Archive {
    /// An archive whose file has `dump_size` bytes and was last modified at `modified`, in Unix seconds.
    pub(super) fn new(dump_size: u64, modified: i64) -> Self {
        Self { dump_size, modified }
    }

    /// Size of the whole archive in bytes.
    pub(super) fn size(&self) -> u64 {
        BLOCK + self.dump_size.next_multiple_of(BLOCK) + TRAILER
    }

    /// `length` bytes from `start` on; past the end of the archive they are zero.
    pub(super) fn bytes(&self, start: u64, length: u64) -> Vec<u8> {
        let range = start..start + length;
        let mut bytes = Vec::new();
        let dump = BLOCK..BLOCK + self.dump_size;
        let header = self.header();
        let in_header = overlap(&range, &(0..BLOCK));
        bytes.extend(header.iter().skip(size(in_header.start)).take(size(in_header.end - in_header.start)));
        let in_dump = overlap(&range, &dump);
        push_lines(&mut bytes, in_dump.start.saturating_sub(BLOCK)..in_dump.end.saturating_sub(BLOCK));
        bytes.resize(size(length), 0);
        bytes
    }

    fn header(&self) -> [u8; BLOCK_LENGTH] {
        let mut header = [0; BLOCK_LENGTH];
        let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, FILE_NAME);
        put(100, b"0000644\0");
        put(108, b"0000000\0");
        put(116, b"0000000\0");
        put(124, format!("{:011o}\0", self.dump_size).as_bytes());
        put(136, format!("{:011o}\0", self.modified.max(0)).as_bytes());
        put(148, b"        ");
        put(156, b"0");
        put(257, b"ustar\x0000");
        let checksum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{checksum:06o}\0 ").as_bytes());
        header
    }
}

fn push_lines(bytes: &mut Vec<u8>, range: Range<u64>) {
    let mut position = range.start;
    while position < range.end {
        let number = position / LINE_LENGTH;
        let line = format!("INSERT INTO events VALUES ({number:011}, 'made by the sandbox');\n");
        let skip = position % LINE_LENGTH;
        let take = (LINE_LENGTH - skip).min(range.end - position);
        bytes.extend(line.bytes().skip(size(skip)).take(size(take)));
        position += take;
    }
}

fn overlap(one: &Range<u64>, other: &Range<u64>) -> Range<u64> {
    let start = one.start.max(other.start);
    start..one.end.min(other.end).max(start)
}

/// A length as `usize`; archives are far smaller than the address space.
fn size(length: u64) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn every_line_has_the_same_length() {
        let mut bytes = Vec::new();
        push_lines(&mut bytes, 0..LINE_LENGTH * 3);
        assert_eq!(bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::len).collect::<Vec<_>>(), [64, 64, 64]);
    }

    #[test]
    fn the_archive_is_well_formed() {
        let archive = Archive::new(1000, 1_409_598_033);
        let whole = archive.bytes(0, archive.size());
        assert_eq!(whole.len() as u64, 512 + 1024 + 1024);
        assert_eq!(&whole[..9], b"dump.sql\0");
        assert_eq!(&whole[257..265], b"ustar\x0000");
        assert_eq!(u64::from_str_radix(std::str::from_utf8(&whole[124..135]).unwrap(), 8).unwrap(), 1000);
        let stated = u32::from_str_radix(std::str::from_utf8(&whole[148..154]).unwrap(), 8).unwrap();
        let blank: u32 = 8 * u32::from(b' ');
        let counted: u32 =
            whole[..148].iter().chain(&whole[156..512]).map(|byte| u32::from(*byte)).sum::<u32>() + blank;
        assert_eq!(stated, counted);
        assert!(whole[512..].starts_with(b"INSERT INTO events VALUES (00000000000, "));
        assert!(whole[512..1512].iter().all(|byte| *byte != 0));
        assert!(whole[1512..].iter().all(|byte| *byte == 0));
    }

    #[test]
    fn any_range_equals_that_part_of_the_whole() {
        let archive = Archive::new(1000, 0);
        let whole = archive.bytes(0, archive.size());
        for start in (0..archive.size()).step_by(37) {
            for length in [0, 1, 63, 64, 700] {
                let length = length.min(archive.size() - start);
                let from = usize::try_from(start).unwrap();
                let to = usize::try_from(start + length).unwrap();
                assert_eq!(archive.bytes(start, length), whole[from..to], "{start} + {length}");
            }
        }
    }
}
