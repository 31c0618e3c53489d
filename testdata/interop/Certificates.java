import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.cert.X509CRLHolder;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.operator.ContentVerifierProvider;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;

/**
 * Certificates checks certificates and revocation lists against each other: each must be signed by one whose subject is its issuer. BouncyCastle's
 * provider takes the identity 1234567812345678 for SM2.
 */
final class Certificates {
    private record Named(String file, X509CertificateHolder certificate) {}

    /** Verifies one signed object with the key of an issuer. */
    private interface Verification {
        boolean with(ContentVerifierProvider key) throws Exception;
    }

    private final List<Named> all = new ArrayList<>();

    String add(String file, byte[] bytes) throws Exception {
        byte[] der = decode(bytes);
        Der.parse(der);
        var c = new X509CertificateHolder(der);
        all.add(new Named(file, c));
        return c.getSubject().toString();
    }

    void judge(Report report) {
        for (Named n : all) {
            var c = n.certificate();
            report.file(n.file());
            report.check("issuer", c.getSubject().toString(), () -> {
                issuedBy(c.getIssuer(), c.getExtensions(), c::isSignatureValid);
                return c.getIssuer() + ", " + c.getSignatureAlgorithm().getAlgorithm();
            });
        }
    }

    void judgeList(Report report, byte[] bytes) throws Exception {
        byte[] der = decode(bytes);
        Der.parse(der);
        var list = new X509CRLHolder(der);
        report.check("issuer", list.getIssuer().toString(), () -> {
            issuedBy(list.getIssuer(), list.getExtensions(), list::isSignatureValid);
            return list.getRevokedCertificates().size() + " revoked";
        });
    }

    /** Throws unless a certificate that has this subject, and the key that the extensions name, made the signature. */
    private void issuedBy(X500Name issuer, Extensions extensions, Verification v) throws Exception {
        boolean known = false;
        for (Named n : all) {
            X509CertificateHolder candidate = n.certificate();
            if (!candidate.getSubject().equals(issuer) || !names(extensions, candidate)) {
                continue;
            }
            known = true;
            if (v.with(new JcaContentVerifierProviderBuilder().setProvider("BC").build(candidate))) {
                return;
            }
        }
        throw new Wrong(known ? "the signature is not that of " + issuer : "no certificate of " + issuer + " with the key named is at hand");
    }

    /** Whether the authority key identifier, where there is one, is the key of c. */
    private static boolean names(Extensions extensions, X509CertificateHolder c) {
        var authority = AuthorityKeyIdentifier.fromExtensions(extensions);
        var subject = SubjectKeyIdentifier.fromExtensions(c.getExtensions());
        return authority == null || authority.getKeyIdentifier() == null
                || subject != null && Arrays.equals(authority.getKeyIdentifier(), subject.getKeyIdentifier());
    }

    private static byte[] decode(byte[] bytes) throws Exception {
        if (bytes.length == 0 || bytes[0] != '-') {
            return bytes;
        }
        try (var parser = new PEMParser(new InputStreamReader(new ByteArrayInputStream(bytes), StandardCharsets.US_ASCII))) {
            return parser.readPemObject().getContent();
        }
    }
}
