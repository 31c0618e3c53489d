import java.util.Arrays;
import java.util.Collection;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1Set;
import org.bouncycastle.asn1.DLSet;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.AttributeTable;
import org.bouncycastle.asn1.cms.CMSAttributes;
import org.bouncycastle.asn1.cms.SignerInfo;
import org.bouncycastle.asn1.ess.ESSCertIDv2;
import org.bouncycastle.asn1.ess.SigningCertificateV2;
import org.bouncycastle.asn1.gm.GMObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.DefaultCMSSignatureAlgorithmNameGenerator;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.SignerInformationVerifier;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.operator.DefaultSignatureAlgorithmIdentifierFinder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;

/** Cms judges one SignedData over content that stands elsewhere: plain CMS (RFC 5652), and the GB/T 35275 shape by public descriptions of it. */
final class Cms {
    private static final ASN1ObjectIdentifier GB_DATA = new ASN1ObjectIdentifier("1.2.156.10197.6.1.4.2.1");
    private static final ASN1ObjectIdentifier GB_SIGNED_DATA = new ASN1ObjectIdentifier("1.2.156.10197.6.1.4.2.2");
    private static final ASN1ObjectIdentifier SM2_SIGNATURE = new ASN1ObjectIdentifier("1.2.156.10197.1.301.1");

    private final Report report;
    private final String object;
    private final byte[] value;
    private final byte[] content;
    private final CMSSignedData data;
    private final SignerInformation signer;
    private final X509CertificateHolder certificate;

    Cms(Report report, String object, byte[] value, byte[] content) throws Exception {
        this.report = report;
        this.object = object;
        this.value = value;
        this.content = content;
        data = new CMSSignedData(new CMSProcessableByteArray(content), value);
        var signers = data.getSignerInfos().getSigners();
        Wrong.unless(signers.size() == 1, signers.size() + " signers");
        signer = signers.iterator().next();
        @SuppressWarnings("unchecked") // the signer's identifier selects X.509 certificates, but its type does not say so
        Collection<X509CertificateHolder> found = data.getCertificates().getMatches(signer.getSID());
        Wrong.unless(found.size() == 1, found.size() + " certificates of the signer inside");
        certificate = found.iterator().next();
    }

    /** Plain CMS, verified by BouncyCastle alone. */
    void judge() {
        shape();
        report.check("value", object, () -> {
            var verifier = new JcaSimpleSignerInfoVerifierBuilder().setProvider("BC").build(certificate);
            Wrong.unless(signer.verify(verifier), "the value does not sign the attributes with this key");
            return signer.getEncryptionAlgOID() + ", " + signer.getDigestAlgOID();
        });
    }

    /**
     * GB/T 35275: own content types, and 301.1 as signature algorithm, which BouncyCastle does not know. So the structure and the signature are
     * checked by hand, over the attributes as they stand, and by BouncyCastle once more with the algorithm mapped to 501.
     */
    void judgeGb() {
        shape();
        report.check("gb-form", object, () -> {
            gbForm();
            return signer.getEncryptionAlgOID();
        });
        report.check("value", object, () -> {
            Attribute type = attribute(CMSAttributes.contentType);
            Wrong.unless(GB_DATA.equals(type.getAttrValues().getObjectAt(0)), "the contentType attribute is " + type.getAttrValues().getObjectAt(0));
            byte[] digest = Der.octets(attribute(CMSAttributes.messageDigest).getAttrValues().getObjectAt(0), "messageDigest");
            Wrong.unless(Arrays.equals(digest, Sm2.sm3(content)), "messageDigest is not the SM3 of the protected bytes");
            Sm2.verify(certificate, rawAttributes(), signer.getSignature());
            return certificate.getSubject().toString();
        });
        report.check("value-mapped", object, () -> {
            Wrong.unless(signer.verify(mapped()), "the value does not sign the attributes with this key");
            return "301.1 taken for 501";
        });
    }

    /** Time stamps over the value (RFC 3161, appendix A), as unsigned attributes. */
    private void timeStamps() {
        AttributeTable unsigned = signer.getUnsignedAttributes();
        if (unsigned == null) {
            return;
        }
        ASN1EncodableVector found = unsigned.getAll(PKCSObjectIdentifiers.id_aa_signatureTimeStampToken);
        for (int i = 0; i < found.size(); i++) {
            Attribute a = Attribute.getInstance(found.get(i));
            report.check("time-stamp", object, () -> {
                Wrong.unless(a.getAttrValues().size() == 1, "the attribute has not one value");
                byte[] token = a.getAttrValues().getObjectAt(0).toASN1Primitive().getEncoded();
                new Token(report, object, token, signer.getSignature()).judge();
                return token.length + " bytes";
            });
        }
    }

    /** What both shapes share. */
    private void shape() {
        timeStamps();
        report.check("cms-form", object, () -> {
            Der.parse(value);
            byte[] raw = rawAttributes();
            Wrong.unless(Arrays.equals(raw, signer.getEncodedSignedAttributes()), "the signed attributes are not sorted as DER wants it");
            return "version " + data.getVersion() + ", " + certificate.getSubject();
        });
        report.check("detached", object, () -> {
            Wrong.unless(new CMSSignedData(value).getSignedContent() == null, "the signed data holds content");
            return content.length + " bytes outside";
        });
        report.check("digest-algorithm", object, () -> {
            boolean announced = data.getDigestAlgorithmIDs().stream().map(AlgorithmIdentifier::getAlgorithm)
                    .anyMatch(signer.getDigestAlgorithmID().getAlgorithm()::equals);
            Wrong.unless(announced, "the signer's digest algorithm is not announced");
            return signer.getDigestAlgOID();
        });
    }

    private void gbForm() throws Exception {
        ASN1Sequence info = Der.sequence(Der.parse(value), "ContentInfo", 2, 2);
        Wrong.unless(GB_SIGNED_DATA.equals(info.getObjectAt(0)), "contentType is " + info.getObjectAt(0));
        ASN1Sequence signed = Der.sequence(Der.explicit(info.getObjectAt(1), 0, "content"), "SignedData", 5, 6);
        int version = Der.integer(signed.getObjectAt(0), "version");
        Wrong.unless(version == 1, "version is " + version);
        ASN1Sequence inner = Der.sequence(signed.getObjectAt(2), "contentInfo", 1, 1);
        Wrong.unless(GB_DATA.equals(inner.getObjectAt(0)), "the inner contentType is " + inner.getObjectAt(0));
        SignerInfo s = signer.toASN1Structure();
        Wrong.unless(s.getVersion().hasValue(1), "the signer's version is not 1");
        Wrong.unless(GMObjectIdentifiers.sm3.equals(s.getDigestAlgorithm().getAlgorithm()), "the digest algorithm is " + s.getDigestAlgorithm().getAlgorithm());
        Wrong.unless(SM2_SIGNATURE.equals(s.getDigestEncryptionAlgorithm().getAlgorithm()),
                "the signature algorithm is " + s.getDigestEncryptionAlgorithm().getAlgorithm());
        attribute(CMSAttributes.signingTime);
    }

    private Attribute attribute(ASN1ObjectIdentifier type) throws Wrong {
        AttributeTable attributes = signer.getSignedAttributes();
        Wrong.unless(attributes != null && attributes.getAll(type).size() == 1, "there is not one signed attribute " + type);
        Attribute a = attributes.get(type);
        Wrong.unless(a.getAttrValues().size() == 1, "the signed attribute " + type + " has not one value");
        return a;
    }

    /** The signed attributes as they stand, under the tag of SET OF that the signature covers. */
    private byte[] rawAttributes() throws Exception {
        ASN1Set attributes = signer.toASN1Structure().getAuthenticatedAttributes();
        Wrong.unless(attributes != null, "there are no signed attributes");
        var v = new ASN1EncodableVector();
        for (ASN1Encodable a : attributes) {
            v.add(a);
        }
        return new DLSet(v).getEncoded();
    }

    private SignerInformationVerifier mapped() throws Exception {
        var names = new DefaultCMSSignatureAlgorithmNameGenerator() {
            @Override
            public String getSignatureName(AlgorithmIdentifier digest, AlgorithmIdentifier signature) {
                return SM2_SIGNATURE.equals(signature.getAlgorithm()) ? "SM3WITHSM2" : super.getSignatureName(digest, signature);
            }
        };
        return new SignerInformationVerifier(names, new DefaultSignatureAlgorithmIdentifierFinder(),
                new JcaContentVerifierProviderBuilder().setProvider("BC").build(certificate),
                new JcaDigestCalculatorProviderBuilder().setProvider("BC").build());
    }

    /** The signed attribute that binds the signer's certificate (RFC 5035, signingCertificateV2): its first entry is that certificate. */
    String certificateId() throws Exception {
        Attribute a = attribute(PKCSObjectIdentifiers.id_aa_signingCertificateV2);
        ESSCertIDv2 id = SigningCertificateV2.getInstance(a.getAttrValues().getObjectAt(0)).getCerts()[0];
        var digests = new JcaDigestCalculatorProviderBuilder().setProvider("BC").build();
        var calculator = digests.get(id.getHashAlgorithm());
        try (var stream = calculator.getOutputStream()) {
            stream.write(certificate.getEncoded());
        }
        Wrong.unless(Arrays.equals(id.getCertHash(), calculator.getDigest()), "it names another certificate");
        if (id.getIssuerSerial() != null) {
            GeneralName[] issuer = id.getIssuerSerial().getIssuer().getNames();
            boolean same = issuer.length == 1 && issuer[0].getTagNo() == GeneralName.directoryName && issuer[0].getName().equals(certificate.getIssuer())
                    && id.getIssuerSerial().getSerial().hasValue(certificate.getSerialNumber());
            Wrong.unless(same, "it names another issuer or serial number");
        }
        return id.getHashAlgorithm().getAlgorithm().toString();
    }
}
