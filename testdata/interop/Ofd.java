import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.w3c.dom.Element;

/** Ofd judges every signature of one OFD, as Java's own readers of ZIP and XML see it. Elements count by their local names. */
final class Ofd {
    private static final String GB_SIGNED_DATA = "1.2.156.10197.6.1.4.2.2";
    private static final String SM3 = "1.2.156.10197.1.401";

    private final Report report;
    private final Path path;
    private final byte[] file;
    private final Map<String, byte[]> entries = new LinkedHashMap<>();

    Ofd(Report report, Path path, byte[] file) {
        this.report = report;
        this.path = path;
        this.file = file;
    }

    void judge() throws Exception {
        report.check("archive", "", this::unpack);
        Element main = xml("/OFD.xml");
        String list = text(main, "Signatures");
        String folder = resolve("/OFD.xml", list);
        List<Element> signatures = all(xml(folder), "Signature");
        Wrong.unless(!signatures.isEmpty(), "the document has no signature");
        Set<String> open = new HashSet<>(List.of(folder));
        for (int i = signatures.size() - 1; i >= 0; i--) { // a signature leaves open what came later
            Element s = signatures.get(i);
            String at = resolve(folder, s.getAttribute("BaseLoc"));
            String name = s.getAttribute("ID");
            report.check("signature", name, () -> judge(s.getAttribute("Type"), at, name, open));
        }
    }

    /** Two readers of the archive, one from its front and one from its directory, must find the same. */
    private String unpack() throws Exception {
        try (var in = new ZipInputStream(new ByteArrayInputStream(file))) {
            for (ZipEntry e = in.getNextEntry(); e != null; e = in.getNextEntry()) {
                Wrong.unless(entries.put("/" + e.getName(), in.readAllBytes()) == null, e.getName() + " is there twice");
            }
        }
        try (var zip = new ZipFile(path.toFile())) {
            Wrong.unless(zip.size() == entries.size(), "the directory has " + zip.size() + " entries, the archive " + entries.size());
            for (var e : entries.entrySet()) {
                ZipEntry entry = zip.getEntry(e.getKey().substring(1));
                Wrong.unless(entry != null && Arrays.equals(zip.getInputStream(entry).readAllBytes(), e.getValue()), e.getKey() + " differs by the directory");
            }
        }
        return entries.size() + " entries";
    }

    private String judge(String type, String at, String name, Set<String> open) throws Exception {
        Element signature = xml(at);
        byte[] content = entry(at);
        String valueAt = resolve(at, text(signature, "SignedValue"));
        byte[] value = entry(valueAt);
        Set<String> listed = new HashSet<>();
        report.check("references", name, () -> references(signature, at, listed));
        open.add(at);
        open.add(valueAt);
        report.check("cover", name, () -> {
            for (String e : entries.keySet()) {
                Wrong.unless(listed.contains(e) || open.contains(e), e + " is not protected");
            }
            return listed.size() + " of " + entries.size() + " entries";
        });
        List<Element> seals = all(signature, "Seal");
        if (!seals.isEmpty()) {
            open.add(resolve(at, text(seals.get(0), "BaseLoc")));
        }
        if (!type.equals("Seal")) {
            Wrong.unless(type.equals("Sign"), "the type is " + type);
            var cms = new Cms(report, name, value, content);
            if (ContentInfo.getInstance(value).getContentType().getId().equals(GB_SIGNED_DATA)) {
                cms.judgeGb();
            } else {
                cms.judge();
            }
            return type;
        }
        Stamped stamped = Stamped.parse(Der.parse(value));
        stamped.judge(report, name, content);
        report.check("path-named", name, () -> {
            Wrong.unless(stamped.property().equals(at), "propertyInfo is " + stamped.property() + ", not " + at);
            return at;
        });
        report.check("seal-stored", name, () -> {
            byte[] stored = entry(resolve(at, text(seals.get(0), "BaseLoc")));
            Wrong.unless(Arrays.equals(stored, stamped.seal().raw()), "Seal.esl is not the seal in the value");
            return stored.length + " bytes";
        });
        report.check("shown", name, () -> shown(signature, stamped.seal()));
        return type;
    }

    /** Every listed file has the digest that is listed. */
    private String references(Element signature, String at, Set<String> listed) throws Exception {
        List<Element> lists = all(signature, "References");
        Wrong.unless(lists.size() == 1 && lists.get(0).getAttribute("CheckMethod").equals(SM3), "there is not one list of SM3 digests");
        List<String> changed = new ArrayList<>();
        for (Element r : all(lists.get(0), "Reference")) {
            String of = resolve(at, r.getAttribute("FileRef"));
            Wrong.unless(listed.add(of), of + " is listed twice");
            if (!Arrays.equals(Sm2.sm3(entry(of)), Base64.getDecoder().decode(text(r, "CheckValue")))) {
                changed.add(of);
            }
        }
        Wrong.unless(changed.isEmpty(), changed + " have other digests");
        return listed.size() + " files";
    }

    /** The places show whole seals at their own size, or slices that add up to whole seals. */
    private static String shown(Element signature, Seal seal) throws Exception {
        double seals = 0;
        List<Element> stamps = all(signature, "StampAnnot");
        for (Element s : stamps) {
            double[] box = box(s.getAttribute("Boundary"));
            double[] clip = s.hasAttribute("Clip") ? box(s.getAttribute("Clip")) : new double[] {0, 0, box[2], box[3]};
            Wrong.unless(Math.abs(box[2] - seal.width()) < 0.01 && Math.abs(box[3] - seal.height()) < 0.01, "a stamp is " + box[2] + " x " + box[3] + " mm");
            Wrong.unless(clip[0] >= 0 && clip[1] >= 0 && clip[0] + clip[2] <= box[2] + 1e-6 && clip[1] + clip[3] <= box[3] + 1e-6, "a slice lies outside its seal");
            seals += clip[2] * clip[3] / (box[2] * box[3]);
        }
        Wrong.unless(stamps.isEmpty() || seals > 0.5 && Math.abs(seals - Math.rint(seals)) < 1e-6 * stamps.size(), "the stamps show " + seals + " seals");
        return stamps.size() + " stamps showing " + Math.round(seals) + " seals";
    }

    private static double[] box(String text) throws Wrong {
        double[] out = Arrays.stream(text.trim().split("\\s+")).mapToDouble(Double::parseDouble).toArray();
        Wrong.unless(out.length == 4, "a box of " + out.length + " numbers");
        return out;
    }

    private byte[] entry(String name) throws Wrong {
        Wrong.unless(entries.containsKey(name), name + " is not there");
        return entries.get(name);
    }

    private Element xml(String name) throws Exception {
        var factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        return factory.newDocumentBuilder().parse(new ByteArrayInputStream(entry(name))).getDocumentElement();
    }

    private static List<Element> all(Element in, String name) {
        var nodes = in.getElementsByTagNameNS("*", name);
        List<Element> out = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            out.add((Element) nodes.item(i));
        }
        return out;
    }

    private static String text(Element in, String name) throws Wrong {
        List<Element> found = all(in, name);
        Wrong.unless(found.size() == 1, found.size() + " elements " + name);
        return found.get(0).getTextContent().trim();
    }

    /** A path that begins with a slash counts from the root of the package, another from the folder of the file that names it. */
    private static String resolve(String from, String path) {
        return path.startsWith("/") ? path : Path.of(from).resolveSibling(path).normalize().toString();
    }
}
