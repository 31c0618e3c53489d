import java.nio.charset.StandardCharsets;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.gm.GMObjectIdentifiers;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.crypto.digests.SM3Digest;
import org.bouncycastle.crypto.params.ParametersWithID;
import org.bouncycastle.crypto.signers.SM2Signer;
import org.bouncycastle.crypto.util.PublicKeyFactory;

/** SM2 with SM3 as every seal uses it: with ZA over the common identity, values as DER SEQUENCE{r,s}. */
final class Sm2 {
    private static final byte[] IDENTITY = "1234567812345678".getBytes(StandardCharsets.US_ASCII);

    private Sm2() {}

    /** Throws unless value signs message with the key of the certificate, whose key must be on the SM2 curve. */
    static void verify(X509CertificateHolder certificate, byte[] message, byte[] value) throws Exception {
        var info = certificate.getSubjectPublicKeyInfo();
        Wrong.unless(GMObjectIdentifiers.sm2p256v1.equals(info.getAlgorithm().getParameters()), "the certificate's key is not on the SM2 curve");
        var signer = new SM2Signer();
        signer.init(false, new ParametersWithID(PublicKeyFactory.createKey(info), IDENTITY));
        signer.update(message, 0, message.length);
        Wrong.unless(signer.verifySignature(value), "the value does not sign these bytes with this key");
    }

    static byte[] sm3(byte[] message) {
        var d = new SM3Digest();
        d.update(message, 0, message.length);
        byte[] sum = new byte[d.getDigestSize()];
        d.doFinal(sum, 0);
        return sum;
    }

    static void requireSm2WithSm3(ASN1ObjectIdentifier oid, String field) throws Wrong {
        Wrong.unless(GMObjectIdentifiers.sm2sign_with_sm3.equals(oid), field + " is " + oid);
    }
}
