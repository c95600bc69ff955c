//! An authority of a test's own, with a certificate for servers on loopback and one for clients.

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};

/// PEM files in a directory.
#[derive(Debug, Clone)]
pub struct Certificates {
    /// The authority's certificate, which clients have to trust.
    pub authority: PathBuf,
    /// The certificate of servers called `localhost`, `127.0.0.1` or `::1`.
    pub server: PathBuf,
    /// Its key, 0600.
    pub server_key: PathBuf,
    /// A client's certificate, for servers that want one.
    pub client: PathBuf,
    /// Its key, 0600.
    pub client_key: PathBuf,
}

impl Certificates {
    /// Where they stand when they were made in `directory`.
    pub fn in_directory(directory: &Path) -> Certificates {
        Certificates {
            authority: directory.join("authority.pem"),
            server: directory.join("server.pem"),
            server_key: directory.join("server-key.pem"),
            client: directory.join("client.pem"),
            client_key: directory.join("client-key.pem"),
        }
    }

    /// Makes an authority and what it signs, and writes them into `directory`.
    pub fn make_in(directory: &Path) -> Certificates {
        let mut params = CertificateParams::default();
        // Other names than those of what it signs, which would else look signed by themselves.
        params
            .distinguished_name
            .push(DnType::CommonName, "authority of a test");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let authority = CertifiedIssuer::self_signed(params, new_key()).expect("an authority");
        let made = Certificates::in_directory(directory);
        write(&made.authority, &authority.as_ref().pem());
        let server: &[&str] = &["localhost", "127.0.0.1", "::1"];
        // Servers of a cluster are each other's clients.
        let both = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        let only_client = vec![ExtendedKeyUsagePurpose::ClientAuth];
        for (names, usages, certificate, key_file) in [
            (server, both, &made.server, &made.server_key),
            (&["grange"], only_client, &made.client, &made.client_key),
        ] {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            let mut params = CertificateParams::new(names).expect("names that certificates know");
            params
                .distinguished_name
                .push(DnType::CommonName, "server or client of a test");
            params.extended_key_usages = usages;
            let key = new_key();
            let signed = params.signed_by(&key, &authority).expect("a certificate");
            write(certificate, &signed.pem());
            write(key_file, &key.serialize_pem());
        }
        made
    }
}

fn new_key() -> KeyPair {
    KeyPair::generate().expect("a key")
}

/// Readable by us alone: servers refuse keys that others can read.
fn write(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::write(path, text).expect("the file is written");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("its mode");
}
