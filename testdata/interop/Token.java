import java.util.Arrays;
import java.util.Collection;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.CMSAttributes;
import org.bouncycastle.asn1.gm.GMObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.tsp.TimeStampToken;

/** Token judges one RFC 3161 time stamp token over octets that stand elsewhere. */
final class Token {
    private final Report report;
    private final String object;
    private final byte[] der;
    private final byte[] octets;
    private final TimeStampToken token;
    private final SignerInformation signer;
    private final X509CertificateHolder certificate;

    /** object names in the report what carries the token; empty where it stands alone. */
    Token(Report report, String object, byte[] der, byte[] octets) throws Exception {
        this.report = report;
        this.object = object;
        this.der = der;
        this.octets = octets;
        var data = new CMSSignedData(der);
        token = new TimeStampToken(data);
        signer = data.getSignerInfos().getSigners().iterator().next();
        @SuppressWarnings("unchecked") // the signer's identifier selects X.509 certificates, but its type does not say so
        Collection<X509CertificateHolder> found = token.getCertificates().getMatches(token.getSID());
        Wrong.unless(found.size() == 1, found.size() + " certificates of the authority inside");
        certificate = found.iterator().next();
    }

    void judge() {
        report.check("token-form", object, () -> {
            Der.parse(der);
            ASN1Sequence info = Der.sequence(Der.parse(ASN1OctetString.getInstance(content()).getOctets()), "TSTInfo", 5, 10);
            Wrong.unless(ASN1Integer.getInstance(info.getObjectAt(0)).hasValue(1), "TSTInfo is not of version 1");
            var i = token.getTimeStampInfo();
            return i.getGenTime().toInstant() + ", " + i.getPolicy() + ", " + i.getSerialNumber().toString(16);
        });
        report.check("token-imprint", object, () -> {
            var i = token.getTimeStampInfo();
            Wrong.unless(Arrays.equals(digest(i.getHashAlgorithm()), i.getMessageImprintDigest()), "the token is over other octets");
            return i.getMessageImprintAlgOID().toString();
        });
        report.check("token-usage", object, () -> {
            Extension e = certificate.getExtension(Extension.extendedKeyUsage);
            Wrong.unless(e != null && e.isCritical(), "the certificate has no critical extended key usage");
            KeyPurposeId[] uses = ExtendedKeyUsage.getInstance(e.getParsedValue()).getUsages();
            Wrong.unless(uses.length == 1 && uses[0].equals(KeyPurposeId.id_kp_timeStamping), "the certificate is not for time stamping alone");
            return certificate.getSubject().toString();
        });
        // BouncyCastle's own judgement: the certificate that the signed attribute names, its period at genTime, its usage, and the signature.
        report.check("token-value", object, () -> {
            token.validate(new JcaSimpleSignerInfoVerifierBuilder().setProvider("BC").build(certificate));
            return signer.getEncryptionAlgOID() + ", " + signer.getDigestAlgOID();
        });
        if (GMObjectIdentifiers.sm2sign_with_sm3.getId().equals(signer.getEncryptionAlgOID())) {
            report.check("token-sm2", object, () -> {
                byte[] content = ASN1OctetString.getInstance(content()).getOctets();
                Attribute stated = signer.getSignedAttributes().get(CMSAttributes.messageDigest);
                byte[] sum = Der.octets(stated.getAttrValues().getObjectAt(0), "messageDigest");
                Wrong.unless(Arrays.equals(sum, Sm2.sm3(content)), "messageDigest is not the SM3 of the TSTInfo");
                Sm2.verify(certificate, signer.getEncodedSignedAttributes(), signer.getSignature());
                return "by hand";
            });
        }
    }

    private Object content() {
        return org.bouncycastle.asn1.cms.SignedData.getInstance(token.toCMSSignedData().toASN1Structure().getContent()).getEncapContentInfo().getContent();
    }

    private byte[] digest(AlgorithmIdentifier algorithm) throws Exception {
        var calculator = new JcaDigestCalculatorProviderBuilder().setProvider("BC").build().get(algorithm);
        try (var stream = calculator.getOutputStream()) {
            stream.write(octets);
        }
        return calculator.getDigest();
    }
}
