import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.cert.X509CertificateHolder;

/** Stamped is an SES_Signature of version 4 or 5: a seal used on content. */
record Stamped(
        int version, Seal seal, byte[] tbs, Instant time, byte[] dataHash, String property,
        X509CertificateHolder signer, ASN1ObjectIdentifier algorithm, byte[] value, byte[] token) {

    static Stamped parse(ASN1Encodable e) throws Exception {
        ASN1Sequence top = Der.sequence(e, "SES_Signature", 4, 5);
        ASN1Sequence tbs = Der.sequence(top.getObjectAt(0), "toSign", 5, 6);
        if (tbs.size() == 6) {
            Der.explicit(tbs.getObjectAt(5), 0, "toSign.extDatas");
        }
        return new Stamped(
                Der.integer(tbs.getObjectAt(0), "toSign.version"), Seal.parse(tbs.getObjectAt(1)), Der.bytes(tbs),
                Der.time(tbs.getObjectAt(2), "toSign.timeInfo"), Der.bits(tbs.getObjectAt(3), "toSign.dataHash"),
                Der.ia5(tbs.getObjectAt(4), "toSign.propertyInfo"),
                new X509CertificateHolder(Der.octets(top.getObjectAt(1), "cert")), Der.oid(top.getObjectAt(2), "signatureAlgID"),
                Der.bits(top.getObjectAt(3), "signature"), Der.token(top, "timeStamp"));
    }

    /** Judges the signature, made over content, and the seal inside it. */
    void judge(Report report, String object, byte[] content) throws Exception {
        report.check("version", object, () -> {
            Wrong.unless(version == seal.version(), "version " + version + " round a seal of version " + seal.version());
            return "v" + version;
        });
        report.check("digest", object, () -> {
            Wrong.unless(Arrays.equals(dataHash, Sm2.sm3(content)), "dataHash is not the SM3 of the protected bytes");
            return content.length + " bytes";
        });
        report.check("value", object, () -> {
            Sm2.requireSm2WithSm3(algorithm, "signatureAlgID");
            Sm2.verify(signer, tbs, value);
            return signer.getSubject().toString();
        });
        if (token != null) {
            report.check("time-stamp", object, () -> {
                new Token(report, object, token, value).judge();
                return token.length + " bytes";
            });
        }
        byte[] certificate = signer.getEncoded();
        report.check("listed", object, () -> {
            Wrong.unless(seal.lists(certificate), "the signer's certificate is not in the seal's list");
            return seal.certificates().size() + " certificates, " + seal.digests().size() + " digests";
        });
        report.check("time", object, () -> {
            Wrong.unless(!time.isBefore(seal.start()) && !time.isAfter(seal.end()), time + " is outside the seal's period");
            Wrong.unless(signer.isValidOn(Date.from(time)), time + " is outside the certificate's period");
            return time.toString();
        });
        seal.judge(report, object);
    }
}
