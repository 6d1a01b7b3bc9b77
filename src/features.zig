//! Feature flags: a set of bits, and the table that names them.

const flags = @import("format/flags.zig");

pub const FlagSet = @import("format/flag_set.zig").FlagSet;
pub const Entry = flags.Entry;
pub const Index = flags.Index;
pub const find = flags.find;
