//! What answers on the ports of a server: one line, and to a client of `PostgreSQL` an error in its protocol.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// How long to wait for a client that speaks first.
const PATIENCE: Duration = Duration::from_millis(300);
/// What a client of `PostgreSQL` sends first, to ask for TLS.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];
/// The version of its protocol, after the length of its first message.
const POSTGRESQL_3: [u8; 4] = [0, 3, 0, 0];

/// Answers every connection until it is dropped; `port` is the one of the server.
pub(crate) async fn answer(listener: TcpListener, port: u16) {
    loop {
        if let Ok((connection, _)) = listener.accept().await {
            // A client that leaves early has what it wanted.
            tokio::spawn(async move { greet(connection, port).await.ok() });
        }
    }
}

async fn greet(mut connection: TcpStream, port: u16) -> std::io::Result<()> {
    let mut first = [0; 8];
    let mut length = read(&mut connection, &mut first).await;
    if first == SSL_REQUEST {
        connection.write_all(b"N").await?;
        length = read(&mut connection, &mut first).await;
    }
    let text = format!("sandbox: nothing but this line is on port {port}");
    if length == first.len() && first.ends_with(&POSTGRESQL_3) {
        let fields = format!("SFATAL\0C0A000\0M{text}\0\0");
        connection.write_all(b"E").await?;
        connection.write_u32(u32::try_from(fields.len() + 4).unwrap_or_default()).await?;
        connection.write_all(fields.as_bytes()).await?;
    } else {
        connection.write_all(text.as_bytes()).await?;
        connection.write_all(b"\n").await?;
    }
    connection.shutdown().await?;
    // Closing it with unread bytes would reset it before the client has read the line.
    let rest = async {
        let mut rest = [0; 1024];
        while connection.read(&mut rest).await.is_ok_and(|length| length > 0) {}
    };
    let _ = tokio::time::timeout(PATIENCE, rest).await;
    Ok(())
}

/// Reads until the buffer is full or the client waits; returns the number of bytes.
async fn read(connection: &mut TcpStream, buffer: &mut [u8; 8]) -> usize {
    let mut length = 0;
    let fill = async {
        while let Ok(more @ 1..) = connection.read(&mut buffer[length..]).await {
            length += more;
        }
    };
    let _ = tokio::time::timeout(PATIENCE, fill).await;
    length
}
