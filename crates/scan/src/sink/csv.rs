//! CSV (RFC 4180): a line of names, then one line for each name of the list.

use std::io::Write;

use csv::{Terminator, Writer, WriterBuilder};

use super::{Flat, SinkError};

/// Writes CSV. A cell that a spreadsheet would take for a formula (it begins with `=`, `+`, `-`, `@`, a tab or a carriage
/// return) begins with an apostrophe instead.
#[derive(Debug)]
pub struct CsvSink<W: Write>(Writer<W>);

impl<W: Write> CsvSink<W> {
    /// Begins with the line of names.
    ///
    /// # Errors
    /// What the file says.
    pub fn begin(file: W) -> Result<Self, SinkError> {
        let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(file);
        writer.write_record(Flat::COLUMNS.map(|column| column.name))?;
        Ok(Self(writer))
    }

    /// Writes one record.
    ///
    /// # Errors
    /// What the file says.
    pub fn take(&mut self, flat: &Flat) -> Result<(), SinkError> {
        for column in &Flat::COLUMNS {
            let cell = (column.cell)(flat);
            self.0.write_field(harmless(cell.shown().as_deref().unwrap_or_default()).as_bytes())?;
        }
        Ok(self.0.write_record(None::<&[u8]>)?)
    }

    /// Writes what is held back; the file.
    ///
    /// # Errors
    /// What the file says.
    pub fn finish(self) -> Result<W, SinkError> {
        self.0.into_inner().map_err(|error| SinkError::Io(error.into_error()))
    }
}

fn harmless(field: &str) -> std::borrow::Cow<'_, str> {
    match field.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{field}").into(),
        false => field.into(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(flats: &[Flat]) -> Vec<u8> {
        let mut sink = CsvSink::begin(Vec::new()).expect("begins");
        for flat in flats {
            sink.take(flat).expect("writes");
        }
        sink.finish().expect("ends")
    }

    #[test]
    fn lines_end_as_the_rfc_says_and_no_cell_is_a_formula() {
        let flat = Flat { domain: "=1+1".to_owned(), verdict: Some("a,\"b\"".to_owned()), ..Flat::default() };
        let text = String::from_utf8(written(&[flat])).expect("text");
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert!(lines[0].starts_with("position,domain,first_stage,hit,"), "{text}");
        assert!(lines[1].starts_with("0,'=1+1,,false,false,,\"a,\"\"b\"\"\","), "{text}");
        assert_eq!(lines[2..], [""]);
    }

    proptest! {
        #[test]
        fn whatever_the_text_it_is_read_back(domain in any::<String>(), id in proptest::option::of(any::<String>())) {
            let flat = Flat { domain: domain.clone(), id: id.clone(), ..Flat::default() };
            let octets = written(&[flat]);
            let mut reader = csv::Reader::from_reader(octets.as_slice());
            let row = reader.records().next().expect("a row").expect("reads");
            prop_assert_eq!(row.len(), Flat::COLUMNS.len());
            prop_assert_eq!(&row[1], harmless(&domain));
            prop_assert_eq!(&row[9], harmless(id.as_deref().unwrap_or_default()));
            prop_assert!(row.iter().all(|field| !field.starts_with(['=', '+', '-', '@', '\t', '\r'])));
        }
    }
}
