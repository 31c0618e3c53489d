import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1PrintableString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.cert.X509CertificateHolder;

/** Seal is a SESeal of version 4 or 5, laid out as public descriptions of GB/T 38540-2020 and GM/T 0031-2025 have it. */
record Seal(
        byte[] raw, byte[] info, int version, String id, String name, List<byte[]> certificates, List<byte[]> digests,
        Instant start, Instant end, byte[] picture, int width, int height,
        X509CertificateHolder maker, ASN1ObjectIdentifier algorithm, byte[] value, byte[] token) {

    static Seal parse(ASN1Encodable e) throws Exception {
        ASN1Sequence top = Der.sequence(e, "SESeal", 4, 5);
        ASN1Sequence info = Der.sequence(top.getObjectAt(0), "eSealInfo", 4, 5);
        ASN1Sequence header = Der.sequence(info.getObjectAt(0), "header", 3, 3);
        Wrong.unless(Der.ia5(header.getObjectAt(0), "header.ID").equals("ES"), "header.ID is not ES");
        int version = Der.integer(header.getObjectAt(1), "header.version");
        Wrong.unless(version == 4 || version == 5, "header.version is " + version);
        Der.ia5(header.getObjectAt(2), "header.Vid");
        Wrong.unless(top.size() == 4 || version == 5, "a seal of version 4 has no time stamp");

        ASN1Sequence property = Der.sequence(info.getObjectAt(2), "property", 7, 7);
        Der.integer(property.getObjectAt(0), "property.type");
        List<byte[]> certificates = new ArrayList<>();
        List<byte[]> digests = new ArrayList<>();
        readList(property, certificates, digests);
        Der.time(property.getObjectAt(4), "property.createDate");

        ASN1Sequence picture = Der.sequence(info.getObjectAt(3), "picture", 4, 4);
        Wrong.unless(Der.ia5(picture.getObjectAt(0), "picture.type").equalsIgnoreCase("PNG"), "the picture is no PNG");
        if (info.size() == 5) {
            readExtensions(info.getObjectAt(4));
        }
        return new Seal(
                Der.bytes(top), Der.bytes(info), version, Der.ia5(info.getObjectAt(1), "esID"), Der.utf8(property.getObjectAt(1), "property.name"),
                certificates, digests, Der.time(property.getObjectAt(5), "property.validStart"), Der.time(property.getObjectAt(6), "property.validEnd"),
                Der.octets(picture.getObjectAt(1), "picture.data"),
                Der.integer(picture.getObjectAt(2), "picture.width"), Der.integer(picture.getObjectAt(3), "picture.height"),
                new X509CertificateHolder(Der.octets(top.getObjectAt(1), "cert")), Der.oid(top.getObjectAt(2), "signAlgID"),
                Der.bits(top.getObjectAt(3), "signedValue"), Der.token(top, "timeStamp"));
    }

    /** The list of signers: certificates, or their SM3 digests. Its number says which, since the CHOICE has no tag. */
    private static void readList(ASN1Sequence property, List<byte[]> certificates, List<byte[]> digests) throws Exception {
        int kind = Der.integer(property.getObjectAt(2), "certListType");
        Wrong.unless(kind == 1 || kind == 2, "certListType is " + kind);
        ASN1Sequence list = Der.sequence(property.getObjectAt(3), "certList", 1, 100);
        for (ASN1Encodable entry : list) {
            if (kind == 1) {
                byte[] der = Der.octets(entry, "certList entry");
                new X509CertificateHolder(der);
                certificates.add(der);
                continue;
            }
            ASN1Sequence digest = Der.sequence(entry, "certDigestObj", 2, 2);
            String type = ASN1PrintableString.getInstance(digest.getObjectAt(0)).getString();
            Wrong.unless(type.equals("SM3"), "certDigestObj.type is " + type);
            digests.add(Der.octets(digest.getObjectAt(1), "certDigestObj.value"));
        }
    }

    private static void readExtensions(ASN1Encodable e) throws Exception {
        for (ASN1Encodable x : Der.sequence(e, "extDatas", 0, 100)) {
            ASN1Sequence extension = Der.sequence(x, "ExtData", 3, 3);
            Der.oid(extension.getObjectAt(0), "extnID");
            Der.octets(extension.getObjectAt(2), "extnValue");
        }
    }

    /** Judges the seal itself. object names it in the report. */
    void judge(Report report, String object) {
        String called = object.isEmpty() ? id : object;
        report.check("seal-form", called, () -> "v" + version + " " + name);
        report.check("seal-maker", called, () -> {
            Sm2.requireSm2WithSm3(algorithm, "signAlgID");
            Sm2.verify(maker, info, value);
            return maker.getSubject().toString();
        });
        if (token != null) {
            report.check("time-stamp", called, () -> {
                new Token(report, called, token, value).judge();
                return token.length + " bytes";
            });
        }
        report.check("seal-period", called, () -> {
            Wrong.unless(start.isBefore(end), "the seal ends before it starts");
            return start + " to " + end;
        });
        report.check("seal-picture", called, () -> {
            BufferedImage image = image();
            return image.getWidth() + " x " + image.getHeight() + " pixels, " + width + " x " + height + " mm";
        });
    }

    BufferedImage image() throws Exception {
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(picture));
        Wrong.unless(image != null && width > 0 && height > 0, "the picture cannot be read");
        return image;
    }

    /** Whether the seal lists the DER certificate among those that may sign with it. */
    boolean lists(byte[] certificate) {
        byte[] digest = Sm2.sm3(certificate);
        return certificates.stream().anyMatch(c -> Arrays.equals(c, certificate)) || digests.stream().anyMatch(d -> Arrays.equals(d, digest));
    }
}
