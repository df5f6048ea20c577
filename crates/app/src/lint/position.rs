//! Lines and columns.

/// Where something is: line and column, from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Spot {
    /// The line.
    pub(crate) line: usize,
    /// The column.
    pub(crate) column: usize,
}

/// The lines of a text.
#[derive(Debug)]
pub(crate) struct Positions<'a> {
    text: &'a [u8],
    starts: Vec<usize>,
}

impl<'a> Positions<'a> {
    /// Finds the lines.
    pub(crate) fn new(text: &'a [u8]) -> Self {
        let ends = text.iter().enumerate().filter(|(_, octet)| **octet == b'\n').map(|(at, _)| at + 1);
        Self { text, starts: std::iter::once(0).chain(ends).collect() }
    }

    /// The place of an octet.
    pub(crate) fn spot(&self, offset: usize) -> Spot {
        let line = self.starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or(0);
        let before = self.text.get(start..offset.min(self.text.len())).unwrap_or_default();
        Spot { line: line + 1, column: String::from_utf8_lossy(before).chars().count() + 1 }
    }

    /// The line that an octet is in: its number, where it starts, and its octets without the line end.
    pub(crate) fn line(&self, offset: usize) -> (usize, usize, &'a [u8]) {
        let line = self.starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or(0);
        let end = self.starts.get(line + 1).copied().unwrap_or(self.text.len());
        let octets = self.text.get(start..end).unwrap_or_default();
        let octets = octets.strip_suffix(b"\n").unwrap_or(octets);
        (line + 1, start, octets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spots() {
        let text = "ab\näöc\n\nx".as_bytes();
        let positions = Positions::new(text);
        for (offset, line, column) in
            [(0, 1, 1), (2, 1, 3), (3, 2, 1), (5, 2, 2), (9, 3, 1), (10, 4, 1), (11, 4, 2), (99, 4, 2)]
        {
            assert_eq!(positions.spot(offset), Spot { line, column }, "{offset}");
        }
        assert_eq!(positions.line(5), (2, 3, "äöc".as_bytes()));
    }
}
