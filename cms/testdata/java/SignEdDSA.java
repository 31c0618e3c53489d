import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.SignerInfoGeneratorBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;

/** Signs the file args[0] with a new key, detached, in CMS, and writes the signed data to args[1]. */
class SignEdDSA {
    public static void main(String[] args) throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        ContentSigner signer = new JcaContentSignerBuilder("Ed25519").build(pair.getPrivate());
        X500Name name = new X500Name("CN=ed");
        Date now = new Date();
        X509CertificateHolder cert = new JcaX509v3CertificateBuilder(
                name, BigInteger.TWO, now, new Date(now.getTime() + 86_400_000L), name, pair.getPublic()).build(signer);
        CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
        generator.addSignerInfoGenerator(
                new SignerInfoGeneratorBuilder(new JcaDigestCalculatorProviderBuilder().build()).build(signer, cert));
        generator.addCertificates(new JcaCertStore(List.of(cert)));
        byte[] content = Files.readAllBytes(Path.of(args[0]));
        Files.write(Path.of(args[1]), generator.generate(new CMSProcessableByteArray(content), false).getEncoded("DER"));
    }
}
