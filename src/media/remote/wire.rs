//! Messages on a pipe: a head in JSON, and blocks of bytes that go as they are. Neither side
//! believes the other's lengths: memory is taken as the bytes arrive. Knows nothing of what the
//! messages mean.

use std::io::{Error, ErrorKind, Read, Result, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Bytes of the longest head.
const MOST_HEAD: u64 = 64 << 20;
/// Blocks of a message, and bytes of the longest one.
const MOST_BLOCKS: u8 = 8;
const MOST_BLOCK: u64 = 1 << 30;

/// What is read or written at once.
#[derive(Debug, Default)]
pub struct Message {
    pub head: Vec<u8>,
    pub blocks: Vec<Vec<u8>>,
}

impl Message {
    /// A message with a head and its blocks.
    ///
    /// # Errors
    /// Where the head has no form in JSON.
    pub fn new(head: &impl Serialize, blocks: Vec<Vec<u8>>) -> Result<Self> {
        let head = serde_json::to_vec(head)?;
        Ok(Self { head, blocks })
    }

    /// What the head says.
    ///
    /// # Errors
    /// Where it says nothing of that kind.
    pub fn read_head<T: DeserializeOwned>(&self) -> Result<T> {
        Ok(serde_json::from_slice(&self.head)?)
    }
}

/// Writes a message: the lengths of head and blocks, then these.
///
/// # Errors
/// When the other side is gone.
pub fn write(out: &mut impl Write, message: &Message) -> Result<()> {
    let mut lengths = Vec::with_capacity(9 + 8 * message.blocks.len());
    lengths.push(message.blocks.len() as u8);
    lengths.extend((message.head.len() as u64).to_le_bytes());
    for block in &message.blocks {
        lengths.extend((block.len() as u64).to_le_bytes());
    }
    out.write_all(&lengths)?;
    out.write_all(&message.head)?;
    for block in &message.blocks {
        out.write_all(block)?;
    }
    out.flush()
}

/// Reads a message; `None` where the other side ended between two messages.
///
/// # Errors
/// Where it ended within one, or states lengths beyond the limits.
pub fn read(from: &mut impl Read) -> Result<Option<Message>> {
    let mut count = [0];
    if from.read(&mut count)? == 0 {
        return Ok(None);
    }
    if count[0] > MOST_BLOCKS {
        return Err(Error::from(ErrorKind::InvalidData));
    }
    let head = read_length(from, MOST_HEAD)?;
    let mut lengths = Vec::with_capacity(count[0].into());
    for _ in 0..count[0] {
        lengths.push(read_length(from, MOST_BLOCK)?);
    }
    let head = read_block(from, head)?;
    let blocks: Result<Vec<_>> = lengths
        .into_iter()
        .map(|length| read_block(from, length))
        .collect();
    Ok(Some(Message {
        head,
        blocks: blocks?,
    }))
}

fn read_length(from: &mut impl Read, most: u64) -> Result<u64> {
    let mut bytes = [0; 8];
    from.read_exact(&mut bytes)?;
    let length = u64::from_le_bytes(bytes);
    if length > most {
        return Err(Error::from(ErrorKind::InvalidData));
    }
    Ok(length)
}

fn read_block(from: &mut impl Read, length: u64) -> Result<Vec<u8>> {
    /// Memory that is taken on a mere statement.
    const BELIEVED: u64 = 16 << 20;
    let mut block = Vec::with_capacity(length.min(BELIEVED) as usize);
    from.take(length).read_to_end(&mut block)?;
    if (block.len() as u64) < length {
        return Err(Error::from(ErrorKind::UnexpectedEof));
    }
    Ok(block)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut pipe = Vec::new();
        for number in 0..2u32 {
            let blocks = vec![vec![1, 2, 3], Vec::new()];
            write(&mut pipe, &Message::new(&number, blocks).unwrap()).unwrap();
        }
        let mut from = pipe.as_slice();
        for number in 0..2u32 {
            let message = read(&mut from).unwrap().unwrap();
            assert_eq!(message.read_head::<u32>().unwrap(), number);
            assert_eq!(message.blocks, [vec![1, 2, 3], Vec::new()]);
        }
        assert!(read(&mut from).unwrap().is_none());
        assert!(read(&mut &pipe[..pipe.len() - 4]).is_ok());
        assert!(read(&mut &pipe[..8]).is_err());
    }

    #[test]
    fn lengths_that_nothing_follows_take_no_memory() {
        let mut pipe = vec![1];
        pipe.extend(1u64.to_le_bytes());
        pipe.extend((MOST_BLOCK).to_le_bytes());
        pipe.extend([0; 100]);
        assert!(read(&mut pipe.as_slice()).is_err());
        pipe[1..9].copy_from_slice(&u64::MAX.to_le_bytes());
        assert!(read(&mut pipe.as_slice()).is_err());
        assert!(read(&mut [200u8].as_slice()).is_err());
    }
}
