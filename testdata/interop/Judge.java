import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/**
 * A second opinion on what Yinxin writes, by code that shares nothing with it: BouncyCastle reads the ASN.1 and checks the signatures, PDFBox reads
 * the PDFs.
 *
 * <p>Usage: {@code java Judge FILE...}, all files in one run. The name tells what a file is: {@code .esl} a seal, {@code .pdf} and {@code .ofd} a sealed or
 * signed document, {@code .tst} a time stamp token over the octets in the file of that name with {@code .octets} behind it, {@code .crt} a certificate,
 * {@code .crl} a revocation list (both DER or PEM). Certificates are also the issuers that other certificates
 * and revocation lists are checked against, whatever the order.
 *
 * <p>Output: one line per finding, TAB separated: file, check, object, {@code ok} or {@code fail}, detail. Exit code 0 when all is ok, 1 when
 * anything fails, 2 for a command line that names nothing.
 *
 * <p>Trust, validity against a clock and revocation are not judged here, only what the bytes prove.
 */
public final class Judge {
    private Judge() {}

    public static void main(String[] args) {
        if (args.length == 0) {
            System.err.println("usage: Judge FILE...");
            System.exit(2);
        }
        Security.addProvider(new BouncyCastleProvider());
        var report = new Report(new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8));
        var certificates = new Certificates();
        List<String> later = new ArrayList<>();
        for (String file : args) {
            if (file.endsWith(".crt")) {
                report.file(file);
                report.check("read", "", () -> certificates.add(file, Files.readAllBytes(Path.of(file))));
            } else {
                later.add(file);
            }
        }
        certificates.judge(report);
        for (String file : later) {
            report.file(file);
            report.check("read", "", () -> {
                byte[] bytes = Files.readAllBytes(Path.of(file));
                judge(report, certificates, file, bytes);
                return bytes.length + " bytes";
            });
        }
        report.flush();
        System.exit(report.failed() ? 1 : 0);
    }

    private static void judge(Report report, Certificates certificates, String file, byte[] bytes) throws Exception {
        if (file.endsWith(".esl")) {
            Seal.parse(Der.parse(bytes)).judge(report, "");
        } else if (file.endsWith(".pdf")) {
            new Pdf(report, bytes).judge();
        } else if (file.endsWith(".ofd")) {
            new Ofd(report, Path.of(file), bytes).judge();
        } else if (file.endsWith(".crl")) {
            certificates.judgeList(report, bytes);
        } else if (file.endsWith(".tst")) {
            new Token(report, "", bytes, Files.readAllBytes(Path.of(file + ".octets"))).judge();
        } else {
            throw new Wrong("the name does not end in .esl, .pdf, .ofd, .tst, .crt or .crl");
        }
    }
}
