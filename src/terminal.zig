//! The terminal behind a file descriptor: its size, and its mode.

const terminal = @import("native/terminal.zig");

pub const Mode = terminal.Mode;
pub const Saved = terminal.Saved;
pub const Size = terminal.Size;
pub const init = terminal.init;
pub const passOutput = terminal.passOutput;
pub const restore = terminal.restore;
pub const size = terminal.size;
