//! Which addresses a granted host may resolve to.
//!
//! A name that is granted says nothing of where it leads: whoever owns the
//! name can point it at the host's own network. So every address of every
//! connection is checked, whether a name resolved to it or a URL spelled it.
//!
//! The tables are the entries of the IANA IPv4 and IPv6 Special-Purpose
//! Address Registries (RFC 6890 and its updates) that are not globally
//! reachable, with multicast (RFC 1112, RFC 4291).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// The addresses at which a granted host may be reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum AddressPolicy {
    /// Only what the public internet can reach.
    #[default]
    Public,
    /// Anything, the host's own loopback included.
    Any,
    /// Only these networks.
    Networks(Vec<IpNet>),
}

impl AddressPolicy {
    /// Whether a connection to `address` may be made.
    pub fn allows(&self, address: IpAddr) -> bool {
        let reached = reached(address);
        match self {
            Self::Any => true,
            Self::Public => is_public(reached),
            Self::Networks(networks) => networks.iter().any(|network| network.contains(&reached)),
        }
    }
}

/// The IPv4 address that a packet to an IPv4-mapped address is sent to. The
/// kernel does that by itself, so that the two are one.
fn reached(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    !SPECIAL_V4.iter().any(|network| network.contains(&address))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    // Unicast that has been given out at all; everything else is reserved.
    GLOBAL_UNICAST.contains(&address) && !SPECIAL_V6.iter().any(|net| net.contains(&address))
}

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(a: u16, b: u16, c: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), prefix)
}

const SPECIAL_V4: [Ipv4Net; 16] = [
    v4(0, 0, 0, 0, 8),        // this network, RFC 791
    v4(10, 0, 0, 0, 8),       // private use, RFC 1918
    v4(100, 64, 0, 0, 10),    // shared by carriers, RFC 6598
    v4(127, 0, 0, 0, 8),      // loopback, RFC 1122
    v4(169, 254, 0, 0, 16),   // link-local, RFC 3927; cloud metadata services
    v4(172, 16, 0, 0, 12),    // private use, RFC 1918
    v4(192, 0, 0, 0, 24),     // protocol assignments, RFC 6890
    v4(192, 0, 2, 0, 24),     // documentation, RFC 5737
    v4(192, 88, 99, 0, 24),   // 6to4 relays, deprecated by RFC 7526
    v4(192, 168, 0, 0, 16),   // private use, RFC 1918
    v4(198, 18, 0, 0, 15),    // benchmarks, RFC 2544
    v4(198, 51, 100, 0, 24),  // documentation, RFC 5737
    v4(203, 0, 113, 0, 24),   // documentation, RFC 5737
    v4(224, 0, 0, 0, 4),      // multicast, RFC 1112
    v4(240, 0, 0, 0, 4),      // reserved and broadcast, RFC 1112, RFC 919
    v4(168, 63, 129, 16, 32), // a platform service of one large cloud, not a public host
];

/// 2000::/3, RFC 4291. Leaves out what embeds an IPv4 address elsewhere:
/// IPv4-compatible ::/96, IPv4-mapped ::ffff:0:0/96, NAT64 64:ff9b::/96 and
/// 64:ff9b:1::/48, and with them loopback, unspecified, fc00::/7, fe80::/10,
/// fec0::/10 and ff00::/8.
const GLOBAL_UNICAST: Ipv6Net = v6(0x2000, 0, 0, 3);

const SPECIAL_V6: [Ipv6Net; 4] = [
    v6(0x2001, 0, 0, 23), // protocol assignments, RFC 2928; holds Teredo, RFC 4380
    v6(0x2001, 0xdb8, 0, 32), // documentation, RFC 3849
    v6(0x2002, 0, 0, 16), // 6to4, RFC 3056: embeds an IPv4 address
    v6(0x3fff, 0, 0, 20), // documentation, RFC 9637
];

#[cfg(test)]
mod tests {
    use super::*;

    fn check(policy: &AddressPolicy, addresses: &[&str], allowed: bool) {
        for address in addresses {
            let parsed: IpAddr = address.parse().unwrap();
            assert_eq!(policy.allows(parsed), allowed, "{address}");
        }
    }

    #[test]
    fn public_means_reachable_from_anywhere() {
        let public = AddressPolicy::Public;
        check(
            &public,
            &["1.1.1.1", "93.184.215.14", "100.63.255.255", "100.128.0.0"],
            true,
        );
        check(
            &public,
            &["172.15.255.255", "172.32.0.0", "223.255.255.255"],
            true,
        );
        check(
            &public,
            &["168.63.129.15", "192.0.1.1", "192.167.0.1", "11.0.0.0"],
            true,
        );
        check(
            &public,
            &["2606:4700::1111", "2a00:1450:4001::1", "2001:200::1"],
            true,
        );
    }

    #[test]
    fn public_leaves_out_special_ipv4() {
        let public = AddressPolicy::Public;
        check(
            &public,
            &["0.0.0.0", "0.1.2.3", "127.0.0.1", "127.255.255.254"],
            false,
        );
        check(
            &public,
            &["10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255"],
            false,
        );
        check(
            &public,
            &["192.168.0.1", "100.64.0.1", "100.127.255.255"],
            false,
        );
        check(
            &public,
            &["169.254.169.254", "169.254.0.1", "168.63.129.16"],
            false,
        );
        check(
            &public,
            &["192.0.0.1", "192.0.2.1", "198.51.100.1", "203.0.113.9"],
            false,
        );
        check(
            &public,
            &["198.18.0.1", "198.19.255.255", "192.88.99.1"],
            false,
        );
        check(
            &public,
            &[
                "224.0.0.1",
                "239.255.255.250",
                "240.0.0.1",
                "255.255.255.255",
            ],
            false,
        );
    }

    #[test]
    fn public_leaves_out_special_ipv6() {
        let public = AddressPolicy::Public;
        check(
            &public,
            &["::", "::1", "fe80::1", "febf::1", "fec0::1"],
            false,
        );
        check(
            &public,
            &["fc00::1", "fd00:ec2::254", "ff02::1", "100::1"],
            false,
        );
        check(
            &public,
            &["2001:db8::1", "3fff::1", "2001::1", "2001:10::1", "5f00::1"],
            false,
        );
    }

    #[test]
    fn public_sees_through_embedded_ipv4() {
        let public = AddressPolicy::Public;
        check(
            &public,
            &[
                "::ffff:127.0.0.1",
                "::ffff:10.0.0.1",
                "::ffff:169.254.169.254",
            ],
            false,
        );
        check(
            &public,
            &["::127.0.0.1", "::10.0.0.1", "::ffff:0:127.0.0.1"],
            false,
        );
        check(
            &public,
            &["64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1"],
            false,
        );
        check(
            &public,
            &["2002:7f00:1::", "2002:a9fe:a9fe::1", "2001:0:7f00:1::"],
            false,
        );
    }

    #[test]
    fn networks_are_what_they_say() {
        let networks = ["10.1.0.0/16", "fd00:1::/32"].map(|net| net.parse().unwrap());
        let policy = AddressPolicy::Networks(networks.to_vec());
        check(&policy, &["10.1.2.3", "::ffff:10.1.2.3", "fd00:1::7"], true);
        check(
            &policy,
            &["10.2.0.1", "1.1.1.1", "127.0.0.1", "fd00:2::1"],
            false,
        );
        check(&AddressPolicy::Networks(Vec::new()), &["1.1.1.1"], false);
    }

    #[test]
    fn any_is_any() {
        check(
            &AddressPolicy::Any,
            &["127.0.0.1", "10.0.0.1", "::1", "1.1.1.1"],
            true,
        );
    }
}
