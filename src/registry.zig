//! The registry: MurmurHash3 of its URL, and the URL's canonical form.

const registry_url = @import("format/registry_url.zig");

pub const Canonical = registry_url.Canonical;
pub const canonical = registry_url.canonical;
pub const murmur3 = @import("base/murmur3.zig").murmur3;
