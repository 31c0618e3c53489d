import java.math.BigInteger;
import java.time.Instant;
import java.util.Arrays;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1GeneralizedTime;
import org.bouncycastle.asn1.ASN1IA5String;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.bouncycastle.asn1.ASN1UTF8String;
import org.bouncycastle.asn1.BERTags;

/**
 * Der reads DER element by element. Bytes that BouncyCastle would encode otherwise are refused at the door, so the encoding of an element is exactly
 * the bytes that stood in the file.
 */
final class Der {
    private Der() {}

    static ASN1Primitive parse(byte[] bytes) throws Exception {
        ASN1Primitive p = ASN1Primitive.fromByteArray(bytes); // refuses bytes that follow
        Wrong.unless(Arrays.equals(p.getEncoded(ASN1Encoding.DER), bytes), "the bytes are not DER");
        return p;
    }

    static byte[] bytes(ASN1Encodable e) throws Exception {
        return e.toASN1Primitive().getEncoded(ASN1Encoding.DER);
    }

    /** The sequence e if it has between least and most elements. */
    static ASN1Sequence sequence(ASN1Encodable e, String field, int least, int most) throws Wrong {
        ASN1Sequence s = expect(e, ASN1Sequence.class, field);
        Wrong.unless(s.size() >= least && s.size() <= most, field + " has " + s.size() + " elements");
        return s;
    }

    static int integer(ASN1Encodable e, String field) throws Wrong {
        BigInteger n = expect(e, ASN1Integer.class, field).getValue();
        Wrong.unless(n.bitLength() < 32, field + " is out of range");
        return n.intValue();
    }

    static String ia5(ASN1Encodable e, String field) throws Wrong {
        return expect(e, ASN1IA5String.class, field).getString();
    }

    static String utf8(ASN1Encodable e, String field) throws Wrong {
        return expect(e, ASN1UTF8String.class, field).getString();
    }

    static byte[] octets(ASN1Encodable e, String field) throws Wrong {
        return expect(e, ASN1OctetString.class, field).getOctets();
    }

    /** The content of a BIT STRING of whole octets. */
    static byte[] bits(ASN1Encodable e, String field) throws Wrong {
        ASN1BitString b = expect(e, ASN1BitString.class, field);
        Wrong.unless(b.getPadBits() == 0, field + " has unused bits");
        return b.getBytes();
    }

    static ASN1ObjectIdentifier oid(ASN1Encodable e, String field) throws Wrong {
        return expect(e, ASN1ObjectIdentifier.class, field);
    }

    /** A GeneralizedTime in whole seconds of UTC, the form of the seal structures. */
    static Instant time(ASN1Encodable e, String field) throws Exception {
        ASN1GeneralizedTime t = expect(e, ASN1GeneralizedTime.class, field);
        Wrong.unless(t.getTimeString().matches("\\d{14}Z"), field + " is " + t.getTimeString());
        return t.getDate().toInstant();
    }

    /** What an EXPLICIT context tag holds. */
    static ASN1Primitive explicit(ASN1Encodable e, int tag, String field) throws Exception {
        ASN1TaggedObject t = expect(e, ASN1TaggedObject.class, field);
        Wrong.unless(t.getTagClass() == BERTags.CONTEXT_SPECIFIC && t.getTagNo() == tag && t.isExplicit(), field + " has another tag");
        return t.getExplicitBaseObject().toASN1Primitive();
    }

    /** timeStamp [0] EXPLICIT BIT STRING of a seal or a signature: the fifth of its fields, null where there is none. */
    static byte[] token(ASN1Sequence top, String field) throws Exception {
        return top.size() == 5 ? bits(explicit(top.getObjectAt(4), 0, field), field) : null;
    }

    private static <T> T expect(ASN1Encodable e, Class<T> type, String field) throws Wrong {
        Wrong.unless(type.isInstance(e), field + " is a " + e.getClass().getSimpleName());
        return type.cast(e);
    }
}
