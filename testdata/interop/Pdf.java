import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.pdfbox.cos.COSDictionary;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDResources;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.apache.pdfbox.pdmodel.graphics.PDXObject;
import org.apache.pdfbox.pdmodel.graphics.form.PDFormXObject;
import org.apache.pdfbox.pdmodel.graphics.image.PDImageXObject;
import org.apache.pdfbox.pdmodel.interactive.annotation.PDAnnotationWidget;
import org.apache.pdfbox.pdmodel.interactive.annotation.PDAppearanceStream;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.PDSignature;
import org.apache.pdfbox.pdmodel.interactive.form.PDSignatureField;

/** Pdf judges every signature of one document, as PDFBox reads it. */
final class Pdf {
    private static final double POINTS_PER_MM = 72 / 25.4;
    private static final int MAX_DEPTH = 8;

    private final Report report;
    private final byte[] file;

    Pdf(Report report, byte[] file) {
        this.report = report;
        this.file = file;
    }

    void judge() throws Exception {
        try (PDDocument doc = PDDocument.load(file)) {
            // A signature shown at several places has a field for each, all with the one dictionary as their value.
            Map<COSDictionary, List<PDSignatureField>> signed = new LinkedHashMap<>();
            for (PDSignatureField field : doc.getSignatureFields()) {
                if (field.getSignature() != null) {
                    signed.computeIfAbsent(field.getSignature().getCOSObject(), d -> new ArrayList<>()).add(field);
                }
            }
            Wrong.unless(!signed.isEmpty(), "the document has no signature");
            report.check("cover", "", () -> {
                long last = 0;
                for (COSDictionary dictionary : signed.keySet()) {
                    int[] r = new PDSignature(dictionary).getByteRange();
                    last = Math.max(last, r.length == 4 ? (long) r[2] + r[3] : 0);
                }
                Wrong.unless(last == file.length, "the last signature covers " + last + " of " + file.length + " bytes");
                return signed.size() + " signatures";
            });
            for (List<PDSignatureField> fields : signed.values()) {
                String name = fields.get(0).getFullyQualifiedName();
                report.check("signature", name, () -> judge(fields, name));
            }
        }
    }

    private String judge(List<PDSignatureField> fields, String name) throws Exception {
        PDSignature signature = fields.get(0).getSignature();
        byte[] value = value(signature, name);
        byte[] content = signature.getSignedContent(file);
        switch (signature.getSubFilter()) {
            case "GM.sm2seal" -> {
                Stamped stamped = Stamped.parse(Der.parse(value));
                stamped.judge(report, name, content);
                judgeShown(stamped, signature, fields, name);
            }
            case "GM.sm2cms.detached" -> new Cms(report, name, value, content).judgeGb();
            case "ETSI.CAdES.detached" -> {
                var cms = new Cms(report, name, value, content);
                cms.judge();
                report.check("certificate-id", name, cms::certificateId);
            }
            case "ETSI.RFC3161" -> new Token(report, name, value, content).judge();
            case "adbe.pkcs7.detached" -> new Cms(report, name, value, content).judge();
            default -> throw new Wrong("the SubFilter " + signature.getSubFilter() + " is not judged here");
        }
        return signature.getSubFilter();
    }

    /** What the file says beside the value must be what the value says. */
    private void judgeShown(Stamped stamped, PDSignature signature, List<PDSignatureField> fields, String name) {
        report.check("range-named", name, () -> {
            String range = Arrays.toString(signature.getByteRange()).replace(" ", "");
            Wrong.unless(stamped.property().contains(range), "propertyInfo is " + stamped.property() + ", not " + range);
            return stamped.property();
        });
        report.check("time-shown", name, () -> {
            var shown = signature.getSignDate().toInstant();
            Wrong.unless(shown.equals(stamped.time()), "the dictionary says " + shown);
            return shown.toString();
        });
        report.check("picture", name, () -> picture(fields, stamped.seal()));
    }

    /** The signature's value without its padding, after making sure that the range leaves out the value and nothing else. */
    private byte[] value(PDSignature signature, String name) throws Exception {
        byte[] contents = signature.getContents();
        report.check("range", name, () -> {
            int[] r = signature.getByteRange();
            Wrong.unless(r.length == 4 && r[0] == 0 && r[1] > 0 && r[1] < r[2] && r[3] > 0 && (long) r[2] + r[3] <= file.length, "the ByteRange is no range");
            Wrong.unless(file[r[1]] == '<' && file[r[2] - 1] == '>' && r[2] - r[1] == 2 * contents.length + 2, "the gap is not the value");
            Wrong.unless(Arrays.equals(signature.getContents(file), contents), "the value in the gap is not the one in the dictionary");
            return Arrays.toString(r);
        });
        int length = derLength(contents);
        report.check("padding", name, () -> {
            for (int i = length; i < contents.length; i++) {
                Wrong.unless(contents[i] == 0, "something follows the value");
            }
            return contents.length - length + " bytes";
        });
        return Arrays.copyOf(contents, length);
    }

    /** The length of the first element, of definite length, in bytes. */
    private static int derLength(byte[] b) throws Wrong {
        Wrong.unless(b.length > 2 && b[0] == 0x30 && (b[1] & 0xff) != 0x80 && (b[1] & 0xff) <= 0x84, "the value is not DER");
        int octets = (b[1] & 0x80) == 0 ? 0 : b[1] & 0x7f;
        Wrong.unless(b.length > 2 + octets, "the value is cut short");
        long length = octets == 0 ? b[1] : 0;
        for (int i = 0; i < octets; i++) {
            length = length << 8 | b[2 + i] & 0xff;
        }
        Wrong.unless(2 + octets + length <= b.length, "the value is cut short");
        return (int) (2 + octets + length);
    }

    /** Every widget shows the picture of the seal, pixel by pixel, at its own size or, as slices that add up to whole seals, a part of it. */
    private static String picture(List<PDSignatureField> fields, Seal seal) throws Exception {
        BufferedImage want = seal.image();
        int widgets = 0;
        double seals = 0;
        for (PDSignatureField field : fields) {
            for (PDAnnotationWidget widget : field.getWidgets()) {
                PDAppearanceStream appearance = widget.getNormalAppearanceStream();
                Wrong.unless(appearance != null, "a widget shows nothing");
                List<PDImageXObject> images = new ArrayList<>();
                gather(appearance.getResources(), images, 0);
                Wrong.unless(images.size() == 1, "a widget's appearance has " + images.size() + " images");
                compare(want, images.get(0).getImage());
                seals += share(widget.getRectangle(), seal);
                widgets++;
            }
        }
        Wrong.unless(seals > 0.5 && Math.abs(seals - Math.rint(seals)) < 0.01 * widgets, "the widgets show " + seals + " seals");
        return String.format("%d widgets showing %.0f seals, %d x %d pixels", widgets, seals, want.getWidth(), want.getHeight());
    }

    private static void gather(PDResources resources, List<PDImageXObject> images, int depth) throws IOException, Wrong {
        Wrong.unless(depth < MAX_DEPTH, "forms are nested too deep");
        if (resources == null) {
            return;
        }
        for (COSName n : resources.getXObjectNames()) {
            PDXObject x = resources.getXObject(n);
            if (x instanceof PDImageXObject image) {
                images.add(image);
            } else if (x instanceof PDFormXObject form) {
                gather(form.getResources(), images, depth + 1);
            }
        }
    }

    /** Same size, same transparency, and the same colour wherever there is any to be seen. */
    private static void compare(BufferedImage want, BufferedImage got) throws Wrong {
        Wrong.unless(want.getWidth() == got.getWidth() && want.getHeight() == got.getHeight(),
                "the widget's picture has " + got.getWidth() + " x " + got.getHeight() + " pixels");
        int visible = 0;
        for (int y = 0; y < want.getHeight(); y++) {
            for (int x = 0; x < want.getWidth(); x++) {
                int a = want.getRGB(x, y);
                int b = got.getRGB(x, y);
                boolean seen = a >>> 24 != 0 || b >>> 24 != 0;
                Wrong.unless(!seen || a == b, "the pictures differ at " + x + "," + y);
                visible += seen ? 1 : 0;
            }
        }
        Wrong.unless(visible > 0, "the picture is empty");
    }

    /** How much of the seal a widget has room for. None is larger than the seal; the page may be rotated. */
    private static double share(PDRectangle box, Seal seal) throws Wrong {
        double w = box.getWidth() / POINTS_PER_MM;
        double h = box.getHeight() / POINTS_PER_MM;
        double tolerance = 0.05;
        boolean upright = w <= seal.width() + tolerance && h <= seal.height() + tolerance;
        boolean turned = w <= seal.height() + tolerance && h <= seal.width() + tolerance;
        Wrong.unless(upright || turned, String.format("a widget is %.2f x %.2f mm", w, h));
        return w * h / (seal.width() * seal.height());
    }
}
