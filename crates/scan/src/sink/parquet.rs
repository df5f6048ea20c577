//! Parquet: one flat table, in row groups of bounded size.

use std::io::Write;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{Type, TypePtr};

use super::SinkError;
use super::flat::{Cell, Column, FLAT_VERSION, Flat, Kind};

/// Most records in a row group: what is held in memory before it is written.
const GROUP_ROWS: usize = 16_384;
/// Most octets of text in a row group, for records with very many findings.
const GROUP_OCTETS: usize = 16 << 20;

/// Writes Parquet.
pub struct ParquetSink<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    held: Vec<Flat>,
    octets: usize,
}

impl<W: Write + Send> ParquetSink<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// What the file says.
    pub fn begin(file: W, tool: &str) -> Result<Self, SinkError> {
        let about = |key: &str, value: String| KeyValue::new(key.to_owned(), value);
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(tool.to_owned())
            .set_key_value_metadata(Some(vec![about("mta_sts.schema_version", FLAT_VERSION.to_string())]))
            .build();
        let writer = SerializedFileWriter::new(file, schema()?, Arc::new(properties))?;
        Ok(Self { writer, held: Vec::new(), octets: 0 })
    }

    /// Takes one record.
    ///
    /// # Errors
    /// What the file says.
    pub fn take(&mut self, flat: Flat) -> Result<(), SinkError> {
        self.octets += flat.domain.len() + flat.findings.iter().map(String::len).sum::<usize>();
        self.held.push(flat);
        if self.held.len() >= GROUP_ROWS || self.octets >= GROUP_OCTETS {
            self.group()?;
        }
        Ok(())
    }

    /// Writes what is held back, and the end; the file.
    ///
    /// # Errors
    /// What the file says.
    pub fn finish(mut self) -> Result<W, SinkError> {
        self.group()?;
        Ok(self.writer.into_inner()?)
    }

    fn group(&mut self) -> Result<(), ParquetError> {
        if self.held.is_empty() {
            return Ok(());
        }
        let mut group = self.writer.next_row_group()?;
        for column in &Flat::COLUMNS {
            let Some(mut open) = group.next_column()? else { break };
            write(&mut open, column, &self.held)?;
            open.close()?;
        }
        group.close()?;
        self.held.clear();
        self.octets = 0;
        Ok(())
    }
}

impl<W: Write + Send> std::fmt::Debug for ParquetSink<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ParquetSink({} held)", self.held.len())
    }
}

fn schema() -> Result<TypePtr, ParquetError> {
    let fields = Flat::COLUMNS.iter().map(|column| {
        let repetition = if column.may_be_null { Repetition::OPTIONAL } else { Repetition::REQUIRED };
        let (physical, logical) = match column.kind {
            Kind::Text | Kind::List => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Kind::Integer => (Physical::INT64, None),
            Kind::Boolean => (Physical::BOOLEAN, None),
            Kind::Time => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MILLIS))),
        };
        let field = Type::primitive_type_builder(column.name, physical);
        field.with_repetition(repetition).with_logical_type(logical).build().map(Arc::new)
    });
    let fields = fields.collect::<Result<Vec<_>, _>>()?;
    Ok(Arc::new(Type::group_type_builder("domains").with_fields(fields).build()?))
}

fn write(open: &mut SerializedColumnWriter<'_>, column: &Column, held: &[Flat]) -> Result<(), ParquetError> {
    match column.kind {
        Kind::Text | Kind::List => batch::<ByteArrayType>(open, column, held, |cell| match cell {
            Cell::Text(text) => Some(ByteArray::from(text.into_owned().into_bytes())),
            _ => None,
        }),
        Kind::Boolean => batch::<BoolType>(open, column, held, |cell| match cell {
            Cell::Boolean(truth) => Some(truth),
            _ => None,
        }),
        Kind::Integer | Kind::Time => batch::<Int64Type>(open, column, held, |cell| match cell {
            Cell::Integer(number) => Some(number),
            Cell::Time(time) => Some(time.as_millisecond()),
            _ => None,
        }),
    }
}

/// One column of a row group. A value that may be missing has level 1 where it is there, 0 where it is not.
fn batch<T: DataType>(
    open: &mut SerializedColumnWriter<'_>,
    column: &Column,
    held: &[Flat],
    value: impl Fn(Cell<'_>) -> Option<T::T>,
) -> Result<(), ParquetError> {
    let cells: Vec<Option<T::T>> = held.iter().map(|flat| value((column.cell)(flat))).collect();
    let levels: Vec<i16> = cells.iter().map(|cell| i16::from(cell.is_some())).collect();
    let values: Vec<T::T> = cells.into_iter().flatten().collect();
    open.typed::<T>().write_batch(&values, column.may_be_null.then_some(levels.as_slice()), None)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::RowAccessor as _;

    use super::*;

    #[test]
    fn what_is_written_is_read_and_row_groups_are_bounded() {
        let mut sink = ParquetSink::begin(Vec::new(), "test").expect("begins");
        let total = GROUP_ROWS + 10;
        for position in 0..total as u64 {
            let max_age = (position % 2 == 0).then_some(position);
            let flat = Flat { position, domain: format!("d{position}.example"), max_age, ..Flat::default() };
            sink.take(flat).expect("takes");
            assert!(sink.held.len() < GROUP_ROWS);
        }
        let octets = bytes_of(sink);
        let reader = SerializedFileReader::new(octets).expect("reads");
        assert_eq!(reader.metadata().num_row_groups(), 2);
        let rows: Vec<_> = reader.get_row_iter(None).expect("rows").map(|row| row.expect("a row")).collect();
        assert_eq!(rows.len(), total);
        for (at, row) in rows.iter().enumerate() {
            assert_eq!(row.get_long(0).expect("position"), at as i64);
            assert_eq!(row.get_string(1).expect("domain"), &format!("d{at}.example"));
            assert_eq!(row.get_long(11).ok(), (at % 2 == 0).then_some(at as i64));
        }
    }

    #[test]
    fn a_long_text_ends_a_row_group_early() {
        let mut sink = ParquetSink::begin(Vec::new(), "test").expect("begins");
        for _ in 0..4 {
            let findings = vec!["x".repeat(GROUP_OCTETS / 2)];
            sink.take(Flat { findings, ..Flat::default() }).expect("takes");
            assert!(sink.held.len() < 2);
        }
    }

    fn bytes_of(sink: ParquetSink<Vec<u8>>) -> bytes::Bytes {
        bytes::Bytes::from(sink.finish().expect("ends"))
    }
}
