import java.awt.image.BufferedImage;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Calendar;
import java.util.Date;
import java.util.GregorianCalendar;
import java.util.List;
import java.util.Locale;
import java.util.TimeZone;
import org.apache.pdfbox.cos.COSArray;
import org.apache.pdfbox.cos.COSDictionary;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.cos.COSString;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDResources;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.apache.pdfbox.pdmodel.graphics.image.LosslessFactory;
import org.apache.pdfbox.pdmodel.interactive.annotation.PDAnnotation;
import org.apache.pdfbox.pdmodel.interactive.annotation.PDAnnotationWidget;
import org.apache.pdfbox.pdmodel.interactive.annotation.PDAppearanceDictionary;
import org.apache.pdfbox.pdmodel.interactive.annotation.PDAppearanceStream;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.PDSignature;
import org.apache.pdfbox.pdmodel.interactive.form.PDSignatureField;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.jcajce.JcaSignerInfoGeneratorBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;

/**
 * Make signs documents as programs in the field do: PDFBox lays the signature out, BouncyCastle makes an RSA value over it. Its one argument is a list
 * of orders, a line each, with tabs between: the file to read, the file to write, the DocMDP permission (0 for none), the action of FieldMDP (empty for
 * none), and the names of its fields, with commas between.
 */
final class Make {
    private static final int KEY_BITS = 2048;
    private static final int RESERVED = 6000;
    private static final PDRectangle PLACE = new PDRectangle(380, 90, 120, 60);
    private static final Date FROM = utc(2026, Calendar.JANUARY);
    private static final Date SIGNED = utc(2026, Calendar.MARCH);
    private static final Date TO = utc(2027, Calendar.JANUARY);

    private final X509CertificateHolder certificate;
    private final ContentSigner signer;

    private record Order(Path in, File out, int permission, String action, List<String> fields) {
        static Order parse(String line) {
            String[] p = line.split("\t", -1);
            if (p.length != 5) {
                throw new IllegalArgumentException("an order has five parts: " + line);
            }
            return new Order(Path.of(p[0]), new File(p[1]), Integer.parseInt(p[2]), p[3], p[4].isEmpty() ? List.of() : List.of(p[4].split(",")));
        }
    }

    private Make() throws Exception {
        var generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(KEY_BITS);
        KeyPair pair = generator.generateKeyPair();
        signer = new JcaContentSignerBuilder("SHA256withRSA").build(pair.getPrivate());
        var name = new X500Name("CN=Sample Signer,O=Sample Body");
        certificate = new JcaX509v3CertificateBuilder(name, BigInteger.ONE, FROM, TO, name, pair.getPublic()).build(signer);
    }

    public static void main(String[] args) throws Exception {
        var make = new Make();
        for (String line : Files.readAllLines(Path.of(args[0]), StandardCharsets.UTF_8)) {
            make.sign(Order.parse(line));
        }
    }

    private void sign(Order order) throws IOException {
        try (PDDocument document = PDDocument.load(Files.readAllBytes(order.in())); var out = new FileOutputStream(order.out())) {
            var signature = new PDSignature();
            signature.setFilter(PDSignature.FILTER_ADOBE_PPKLITE);
            signature.setSubFilter(PDSignature.SUBFILTER_ADBE_PKCS7_DETACHED);
            signature.setName("Sample Signer");
            signature.setReason("Sample reason");
            var date = new GregorianCalendar(TimeZone.getTimeZone("UTC"), Locale.ROOT);
            date.setTime(SIGNED);
            signature.setSignDate(date);
            document.addSignature(signature, this::value);
            show(document, signature);
            restrict(document, signature, order);
            document.saveIncremental(out);
        }
    }

    /** Gives the signature's field a place on page 1, where PDFBox by itself shows nothing. */
    private static void show(PDDocument document, PDSignature signature) throws IOException {
        PDSignatureField field = null;
        for (PDSignatureField f : document.getSignatureFields()) {
            if (f.getSignature() != null && f.getSignature().getCOSObject() == signature.getCOSObject()) {
                field = f;
            }
        }
        if (field == null) {
            throw new IllegalStateException("no field has the signature");
        }
        PDPage page = document.getPage(0);
        PDAnnotationWidget widget = field.getWidgets().get(0);
        widget.setRectangle(PLACE);
        widget.setPage(page);
        var look = new PDAppearanceStream(document);
        look.setBBox(new PDRectangle(PLACE.getWidth(), PLACE.getHeight()));
        look.setResources(new PDResources());
        var picture = new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB);
        picture.setRGB(1, 1, 0xff0000);
        COSName name = look.getResources().add(LosslessFactory.createFromImage(document, picture));
        try (var content = look.getStream().createOutputStream()) {
            content.write(("q 116 0 0 56 2 2 cm /" + name.getName() + " Do Q").getBytes(StandardCharsets.US_ASCII));
        }
        var looks = new PDAppearanceDictionary();
        looks.setNormalAppearance(look);
        widget.setAppearance(looks);
        widget.getCOSObject().setNeedToBeUpdated(true);
        List<PDAnnotation> annotations = page.getAnnotations();
        if (annotations.stream().noneMatch(a -> a.getCOSObject() == widget.getCOSObject())) {
            annotations.add(widget);
            page.setAnnotations(annotations);
        }
        page.getCOSObject().setNeedToBeUpdated(true);
        if (page.getCOSObject().getDictionaryObject(COSName.ANNOTS) instanceof COSArray list) {
            list.setNeedToBeUpdated(true);
        }
    }

    /** Says what may follow, as ISO 32000-1, 12.8.2, has it. */
    private static void restrict(PDDocument document, PDSignature signature, Order order) {
        var references = new COSArray();
        if (order.permission() > 0) {
            var parameters = parameters();
            parameters.setInt(COSName.P, order.permission());
            references.add(reference("DocMDP", parameters));
            var permissions = new COSDictionary();
            permissions.setItem(COSName.DOCMDP, signature);
            permissions.setNeedToBeUpdated(true);
            COSDictionary catalog = document.getDocumentCatalog().getCOSObject();
            catalog.setItem(COSName.PERMS, permissions);
            catalog.setNeedToBeUpdated(true);
        }
        if (!order.action().isEmpty()) {
            var parameters = parameters();
            parameters.setName("Action", order.action());
            var names = new COSArray();
            order.fields().forEach(n -> names.add(new COSString(n)));
            if (!order.fields().isEmpty()) {
                parameters.setItem(COSName.FIELDS, names);
            }
            references.add(reference("FieldMDP", parameters));
        }
        if (references.size() > 0) {
            signature.getCOSObject().setItem(COSName.getPDFName("Reference"), references);
        }
    }

    private static COSDictionary parameters() {
        var d = new COSDictionary();
        d.setItem(COSName.TYPE, COSName.getPDFName("TransformParams"));
        d.setName(COSName.V, "1.2");
        d.setDirect(true);
        return d;
    }

    private static COSDictionary reference(String method, COSDictionary parameters) {
        var d = new COSDictionary();
        d.setItem(COSName.TYPE, COSName.getPDFName("SigRef"));
        d.setName("TransformMethod", method);
        d.setItem("TransformParams", parameters);
        d.setDirect(true);
        return d;
    }

    private byte[] value(InputStream content) throws IOException {
        try {
            var generator = new CMSSignedDataGenerator();
            var digests = new JcaDigestCalculatorProviderBuilder().build();
            generator.addSignerInfoGenerator(new JcaSignerInfoGeneratorBuilder(digests).build(signer, certificate));
            generator.addCertificates(new JcaCertStore(List.of(certificate)));
            byte[] value = generator.generate(new CMSProcessableByteArray(content.readAllBytes()), false).getEncoded();
            if (value.length > RESERVED) {
                throw new IOException("the value has " + value.length + " bytes");
            }
            return value;
        } catch (CMSException | OperatorCreationException | java.security.cert.CertificateEncodingException e) {
            throw new IOException("make a value", e);
        }
    }

    private static Date utc(int year, int month) {
        var c = new GregorianCalendar(TimeZone.getTimeZone("UTC"), Locale.ROOT);
        c.clear();
        c.set(year, month, 1);
        return c.getTime();
    }
}
