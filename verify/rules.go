package verify

// Code names one thing a check can find. Seal codes follow the steps of GB/T 38540 and GM/T 0031; a code never changes its meaning.
type Code string

// rule is what a code weighs and how it is said. The words take the arguments of the finding in order.
type rule struct {
	about   aspect
	level   Level
	verdict Verdict // for level Fail
	sub     Sub
	zh, en  string
}

// aspect is the question a code belongs to. The four are reported apart: intact bytes say nothing of whose they are.
type aspect uint8

const (
	integrity   aspect = iota // is it what was signed, with the seal it shows?
	certificate               // may the certificates and the seal be used for this, and when?
	identity                  // does a chain end at somebody trusted here?
	revocation                // was a certificate withdrawn?
)

// rules is the table of everything this package can find.
var rules = map[Code]rule{
	"SIG_FORMAT":           {integrity, Fail, Failed, SubFormat, "签名的结构有错误：%s。", "The signature is malformed: %s."},
	"SIG_VERSION":          {integrity, Fail, Failed, SubFormat, "签章结构与其中印章的版本不一致。", "The signature and the seal inside it are of different generations."},
	"PROFILE_UNSUPPORTED":  {integrity, Fail, Indeterminate, SubNotJudged, "这种签名（%s）本版本不能核验，因此不作结论。", "Signatures of this kind (%s) are not judged by this version, so there is no conclusion."},
	"COVERAGE":             {integrity, Fail, Failed, SubFormat, "签名没有保护它那一版文件的全部内容：%s。", "The signature does not protect all of its revision of the file: %s."},
	"DATA_HASH":            {integrity, Fail, Failed, SubHash, "文件内容在签名后被改动过：摘要不一致。", "The content was changed after signing: the digest differs."},
	"DATA_UNREADABLE":      {integrity, Fail, Failed, SubFormat, "无法计算被签内容的摘要：%s。", "The signed content could not be hashed: %s."},
	"SIG_VALUE":            {integrity, Fail, Failed, SubCrypto, "签名值不正确：%s。", "The signature value is wrong: %s."},
	"SIG_STRICT":           {integrity, Fail, Failed, SubConstraints, "签名结构不符合要求：%s。", "The signature breaks a rule of its container: %s."},
	"SIG_PROPERTY":         {integrity, Fail, Failed, SubFormat, "签章记载的保护范围与文件不符。", "The protected range recorded in the signature is not that of the file."},
	"SIG_PROPERTY_FOREIGN": {integrity, Inform, "", "", "签章记载的保护范围采用其他产品的写法（%s），未作比对。", "The protected range is written in another product's way (%s) and was not compared."},
	"SEAL_FORMAT":          {integrity, Fail, Failed, SubFormat, "印章结构有错误：%s。", "The seal is malformed: %s."},
	"SEAL_SIGNATURE":       {integrity, Fail, Failed, SubCrypto, "制章者对印章的签名不正确，印章可能是伪造的：%s。", "The maker's signature on the seal is wrong; the seal may be forged: %s."},
	"SEAL_CREATE_TIME":     {certificate, Fail, Failed, SubConstraints, "印章的制作时间 %s 不可信：%s。", "The seal's creation time %s cannot be right: %s."},
	"EXTENSION_CRITICAL":   {integrity, Fail, Indeterminate, SubConstraints, "印章或签章带有必须理解而本版本不认识的扩展项：%s。", "The seal or the signature has extensions that must be understood and are not known here: %s."},
	"SEAL_STORED":          {integrity, Fail, Failed, SubConstraints, "文件中另存的印章与签章内的印章不同。", "The seal stored beside the signature is not the one inside it."},
	"SIGNER_NOT_IN_SEAL":   {certificate, Fail, Failed, SubConstraints, "签章人的证书不在印章的证书列表中，无权使用这枚印章。", "The signer's certificate is not in the seal's list: the signer may not use this seal."},
	"SIGNER_LIST":          {certificate, Fail, Failed, SubConstraints, "印章的证书列表无法核对：%s。", "The seal's list of signers cannot be checked: %s."},
	"SIGNER_KEY_USAGE":     {certificate, Fail, Failed, SubChainRules, "签章人的证书不允许用于签名。", "The signer's certificate may not be used for signing."},
	"MAKER_KEY_USAGE":      {certificate, Fail, Failed, SubChainRules, "制章者的证书不允许用于签名。", "The maker's certificate may not be used for signing."},
	"NO_CERTIFICATE":       {certificate, Fail, Failed, SubNoCertificate, "签名中没有可用的签名人证书：%s。", "The signature holds no usable certificate of its signer: %s."},
	"MAKER_CERTIFICATE":    {certificate, Fail, Failed, SubNoCertificate, "印章中制章者的证书无法读取：%s。", "The maker's certificate in the seal cannot be read: %s."},
	"PICTURE_DIFFERS":      {integrity, Fail, Failed, SubConstraints, "页面上显示的图像不是印章里的图像：%s。", "The picture shown on the page is not the picture in the seal: %s."},
	"PICTURE_NOT_COMPARED": {integrity, Fail, Indeterminate, SubConstraints, "页面上显示的图像无法与印章里的图像比对：%s。", "The picture shown on the page could not be compared with the one in the seal: %s."},
	"PICTURE_INVISIBLE":    {integrity, Inform, "", "", "这枚签章在页面上不可见。", "This seal shows nothing on the page."},
	"PICTURE_ENCODING":     {integrity, Inform, "", "", "页面上的印章图像与印章内的图像像素一致，编码不同。", "The picture shown has the pixels of the one in the seal, encoded otherwise."},
	"PICTURE_SLICES":       {integrity, Warn, "", "", "骑缝章的各条合不成完整的印章：%s。", "The slices of the riding seal do not add up to the whole seal: %s."},
	"CHANGED":              {integrity, Fail, Failed, SubFormat, "签名之后文件又被改动：%s。", "The file was changed after this signature: %s."},
	"CHANGES_UNREADABLE":   {integrity, Fail, Failed, SubFormat, "签名之后的改动无法判断：%s。", "What changed after this signature cannot be told: %s."},
	"CHANGED_SIGNATURE":    {integrity, Warn, "", "", "此签名之后又加入了签名：%s。", "Signatures were added after this one: %s."},
	"CHANGED_EVIDENCE":     {integrity, Inform, "", "", "此签名之后加入了验证资料。", "Evidence was added after this signature."},
	"SIG_TIMESTAMP":        {certificate, Inform, "", "", "签名带有时间戳，本版本尚不核验时间戳，时间仍按声称处理。", "The signature carries a time stamp. This version does not judge it: the time counts as claimed."},
	"SEAL_TIMESTAMP":       {certificate, Inform, "", "", "印章带有时间戳，本版本尚不核验。", "The seal carries a time stamp, which this version does not judge."},

	"ALGORITHM_WEAK":           {certificate, Fail, Indeterminate, SubCryptoAge, "签名使用的算法已不再安全：%s。", "The signature uses an algorithm that is no longer safe: %s."},
	"SIGNER_UNKNOWN":           {identity, Fail, Indeterminate, SubNoChain, "本机不认识签章人证书的颁发者“%s”，因此不能确认签章人身份。可将其根证书加入信任目录的 ca 后再核验。", "The issuer of the signer's certificate, “%s”, is unknown here, so the signer's identity is not established. Add its root to ca/ of the trust directory and verify again."},
	"SIGNER_CHAIN":             {identity, Fail, Failed, SubChain, "签章人的证书链不正确：%s。", "The chain of the signer's certificate is wrong: %s."},
	"MAKER_UNKNOWN":            {identity, Fail, Indeterminate, SubNoChain, "本机不认识制章者证书的颁发者“%s”，因此不能确认印章由合法的制章者制作。可将其根证书加入信任目录的 maker 后再核验。", "The issuer of the maker's certificate, “%s”, is unknown here, so the seal's origin is not established. Add its root to maker/ of the trust directory and verify again."},
	"MAKER_NOT_SET_APART":      {identity, Fail, Indeterminate, SubChainRules, "信任目录的 maker 与 ca 中是同一个根“%s”：它签发的任何签章人证书都能冒充制章者，因此不能确认印章由谁制作。请在 maker 中改放制章者自己的证书。", "maker/ and ca/ of the trust directory hold the same root, “%s”: any signer it certified could have made this seal, so its maker is not established. Put the maker's own certificate into maker/ instead."},
	"MAKER_CHAIN":              {identity, Fail, Failed, SubChain, "制章者的证书链不正确：%s。", "The chain of the maker's certificate is wrong: %s."},
	"CHAIN_WEAK":               {certificate, Fail, Indeterminate, SubCryptoAge, "证书链使用的算法已不再安全：%s。", "The certificate chain uses an algorithm that is no longer safe: %s."},
	"NO_SIGNING_TIME":          {certificate, Inform, "", "", "签名没有声称签署时间。", "The signature claims no time."},
	"SIGN_TIME_FUTURE":         {certificate, Fail, Indeterminate, SubTimestampOrder, "声称的签署时间 %s 晚于核验时间。", "The claimed signing time %s is later than the time of judging."},
	"SIGN_TIME_OUTSIDE_CERT":   {certificate, Fail, Failed, SubExpired, "声称的签署时间 %s 不在证书“%s”的有效期内。", "The claimed signing time %s is outside the validity of the certificate “%s”."},
	"SIGN_TIME_OUTSIDE_SEAL":   {certificate, Fail, Failed, SubExpired, "声称的签署时间 %s 不在印章的有效期内（%s 至 %s）。", "The claimed signing time %s is outside the seal's validity (%s to %s)."},
	"REVOKED_BEFORE_SIGNING":   {revocation, Fail, Failed, SubRevoked, "证书“%s”已于 %s 吊销，不晚于声称的签署时间。", "The certificate “%s” was revoked on %s, not after the claimed signing time."},
	"REVOKED_AFTER_SIGNING":    {revocation, Fail, Indeterminate, SubRevokedNoPOE, "证书“%s”已于 %s 吊销。声称的签署时间更早，但没有可信时间戳证明。", "The certificate “%s” was revoked on %s. The claimed signing time is earlier, but no trusted time stamp proves it."},
	"REVOKED_CA":               {revocation, Fail, Indeterminate, SubRevokedCANoPOE, "颁发者证书“%s”已于 %s 吊销，没有可信时间戳证明签名在此之前。", "The issuing certificate “%s” was revoked on %s, and no trusted time stamp proves the signature to be older."},
	"REVOCATION_UNKNOWN":       {revocation, Fail, Indeterminate, SubTryLater, "没有证书“%s”的有效吊销信息：%s。取得最新的吊销列表后再核验。", "There is no usable revocation information on the certificate “%s”: %s. Get a fresh revocation list and verify again."},
	"CERT_EXPIRED":             {certificate, Fail, Indeterminate, SubOutOfBounds, "证书“%s”已于 %s 过期，没有可信时间戳证明签名时仍然有效。", "The certificate “%s” expired on %s, and no trusted time stamp proves it was valid when signing."},
	"CERT_NOT_YET_VALID":       {certificate, Fail, Indeterminate, SubNotYetValid, "证书“%s”要到 %s 才生效。", "The certificate “%s” is valid only from %s."},
	"SEAL_EXPIRED":             {certificate, Fail, Indeterminate, SubOutOfBounds, "印章已于 %s 过期，没有可信时间戳证明签章时仍然有效。", "The seal expired on %s, and no trusted time stamp proves it was valid when used."},
	"SEAL_CREATED_LATER":       {certificate, Fail, Indeterminate, SubTimestampOrder, "印章的制作时间 %s 晚于核验时间。", "The seal's creation time %s is later than the time of judging."},
	"SEAL_NOT_YET_VALID":       {certificate, Fail, Indeterminate, SubNotYetValid, "印章要到 %s 才生效。", "The seal is valid only from %s."},
	"MAKER_EXPIRED":            {certificate, Fail, Indeterminate, SubOutOfBounds, "制章者的证书“%s”已于 %s 过期，没有可信时间戳证明制章时仍然有效。", "The maker's certificate “%s” expired on %s, and no trusted time stamp proves it was valid when the seal was made."},
	"MAKER_TIME_OUTSIDE_CERT":  {certificate, Fail, Failed, SubExpired, "印章的制作时间 %s 不在制章者证书“%s”的有效期内。", "The seal's creation time %s is outside the validity of the maker's certificate “%s”."},
	"MAKER_REVOKED":            {revocation, Fail, Failed, SubRevoked, "制章者的证书“%s”已于 %s 吊销，不晚于印章的制作时间。", "The maker's certificate “%s” was revoked on %s, not after the seal was made."},
	"MAKER_REVOKED_LATER":      {revocation, Fail, Indeterminate, SubRevokedNoPOE, "制章者的证书“%s”已于 %s 吊销。印章声称制作得更早，但没有可信时间戳证明。", "The maker's certificate “%s” was revoked on %s. The seal claims to be older, but no trusted time stamp proves it."},
	"MAKER_REVOCATION_UNKNOWN": {revocation, Fail, Indeterminate, SubTryLater, "没有制章者证书“%s”的有效吊销信息：%s。取得最新的吊销列表后再核验。", "There is no usable revocation information on the maker's certificate “%s”: %s. Get a fresh revocation list and verify again."},
}
