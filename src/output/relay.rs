//! Passes bytes between the standard streams and a connection, unchanged.

use std::io;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, BufReader, copy_buf};
use tokio::net::TcpStream;

/// Bytes that are copied at a time.
const BUFFER: usize = 64 * 1024;

/// Copies stdin to the connection and the connection to stdout, until the other side has ended.
pub(crate) async fn relay(mut connection: TcpStream) -> io::Result<()> {
    // Each side waits for the other's next packet.
    connection.set_nodelay(true)?;
    let (incoming, outgoing) = connection.split();
    let sent = send(tokio::io::stdin(), outgoing);
    let mut stdout = tokio::io::stdout();
    let received = async {
        copy_buf(&mut BufReader::with_capacity(BUFFER, incoming), &mut stdout).await?;
        stdout.flush().await
    };
    tokio::pin!(received);
    tokio::select! {
        received = &mut received => received,
        // The end of the input is not the end of what comes back.
        sent = sent => {
            sent?;
            received.await
        }
    }
}

/// Hands over stdin and stdout as they are, for a protocol.
#[cfg(unix)]
pub(crate) fn on_standard_streams(
    work: impl FnOnce(&mut dyn io::Read, &mut dyn io::Write) -> io::Result<()>,
) -> io::Result<()> {
    work(&mut io::stdin().lock(), &mut io::stdout().lock())
}

async fn send(input: impl AsyncRead + Unpin, mut connection: impl AsyncWrite + Unpin) -> io::Result<()> {
    copy_buf(&mut BufReader::with_capacity(BUFFER, input), &mut connection).await?;
    connection.shutdown().await
}
