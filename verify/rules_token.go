package verify

// What to do about time stamps.
var (
	addTSA   = Text{"核对其指纹后，用 yinxin trust add 证书文件 --dir 信任目录 --use tsa 将其加入信任目录再核验。", "Check its fingerprint with its holder, add it with yinxin trust add CERT --dir DIR --use tsa, and verify again."}
	askTSA   = Text{"请向时间戳机构核实。", "Ask the time stamping authority."}
	askStamp = Text{"不要相信这个时间；请让签署方重新签署并取得新的时间戳。", "Do not believe this time; ask whoever signed it to sign again with a new time stamp."}
	renew    = Text{"到期之前应当加盖新的文档时间戳；现在请让签署方重新签署。", "A new document time stamp had to be added before that; ask whoever signed it to sign again."}
)

// tokenRules is the part of the table that speaks of time stamps. What does not hold in a token is a lie in the file; whom nobody trusts proves nothing.
var tokenRules = map[Code]rule{
	"TIMESTAMP_FORMAT": {integrity, Fail, Failed, SubFormat,
		Text{"时间戳的结构有错误。", "A time stamp is malformed."}, askStamp},
	"TIMESTAMP_IMPRINT": {integrity, Fail, Failed, SubHash,
		Text{"时间戳不是对这里的内容签发的：内容被改动过，或时间戳是从别处复制来的。", "A time stamp is not over what it stands for: that was changed, or the time stamp was copied from elsewhere."}, askStamp},
	"TIMESTAMP_VALUE": {integrity, Fail, Failed, SubCrypto,
		Text{"时间戳不是由所附证书的持有人签发的，可能是伪造的。", "A time stamp was not made by the holder of its certificate; it may be forged."}, askStamp},
	"TIMESTAMP_CERTIFICATE": {integrity, Fail, Failed, SubNoCertificate,
		Text{"时间戳没有可用的机构证书，或没有指明是哪一张。", "A time stamp has no usable certificate of its authority, or does not name which it is."}, askStamp},
	"TIMESTAMP_USAGE": {integrity, Fail, Failed, SubChainRules,
		Text{"签发时间戳的证书不是专用于时间戳的。", "The certificate that made a time stamp is not one for time stamping alone."}, askStamp},
	"TIMESTAMP_ALGORITHM_UNKNOWN": {integrity, Fail, Indeterminate, SubCryptoAge,
		Text{"时间戳使用了本版本不认识的算法，无法核验。", "A time stamp uses an algorithm that is not known here, so it cannot be verified."}, useProduct},
	"TIMESTAMP_ENCODING": {integrity, Inform, "", "",
		Text{"时间戳的编码与规范有出入，已按收到的字节核验。", "The encoding of a time stamp deviates from the rules; it was judged as received."}, Text{}},
	"TIMESTAMP_CONTENT": {certificate, Inform, "", "",
		Text{"签章时间写成了时间戳。它在签名之内，只能比签名早，不能证明签名何时已经存在。", "The signing time is written as a time stamp. It stands inside the signature and can only be older, so it does not prove when the signature existed."}, Text{}},
	"TIMESTAMPS_LEFT": {certificate, Warn, "", "",
		Text{"签名带有太多时间戳，其余的没有核验。", "The signature carries too many time stamps; the others were not judged."}, Text{}},

	"TIMESTAMP_FUTURE": {certificate, Fail, Indeterminate, SubTimestampOrder,
		Text{"时间戳的时间 %s 晚于核验时间。", "The time of a time stamp, %s, is later than the time of judging."}, checkClock},
	"TIMESTAMP_ORDER": {certificate, Fail, Indeterminate, SubTimestampOrder,
		Text{"声称的签署时间 %s 晚于时间戳的时间 %s。", "The claimed signing time %s is later than the time stamp, %s."}, askAgain},
	"TIMESTAMP_ORDER_COVERED": {certificate, Fail, Indeterminate, SubTimestampOrder,
		Text{"时间戳的时间 %s 晚于已证明它存在的时间 %s。", "The time of a time stamp, %s, is later than the time by which it is proven to have existed, %s."}, askTSA},
	"SEAL_TIMESTAMP_ORDER": {certificate, Fail, Indeterminate, SubTimestampOrder,
		Text{"印章的制作时间 %s 晚于印章时间戳的时间 %s。", "The seal's creation time %s is later than the time stamp on the seal, %s."}, askMaker},

	"TIMESTAMP_UNKNOWN": {identity, Fail, Indeterminate, SubNoChain,
		Text{"本机不认识时间戳机构证书的颁发者“%s”，因此时间戳不能作为证明。", "The issuer of the time stamping authority's certificate, “%s”, is unknown here, so the time stamp proves nothing."}, addTSA},
	"TIMESTAMP_CHAIN": {identity, Fail, Failed, SubChain,
		Text{"时间戳机构的证书链不正确：%s。", "The chain of the time stamping authority's certificate is wrong: %s."}, askTSA},
	"TIMESTAMP_CHAIN_RULE": {identity, Fail, Failed, SubChainRules,
		Text{"时间戳机构的证书违反了颁发机构的限制：%s。", "The time stamping authority's certificate breaks a limit set by an authority above it: %s."}, askTSA},
	"TIMESTAMP_CHAIN_UNDECIDED": {identity, Fail, Indeterminate, SubChain,
		Text{"时间戳机构的证书链本版本不能判断：%s。", "The chain of the time stamping authority's certificate cannot be judged here: %s."}, askTSA},
	"TIMESTAMP_WEAK": {certificate, Fail, Indeterminate, SubCryptoAge,
		Text{"时间戳使用的 %s 自 %s 起不再能作为证明，也没有更新的时间戳证明它在此之前就已存在。", "The time stamp uses %s, which is no proof since %s, and no newer time stamp shows that it is older."}, renew},
	"TIMESTAMP_OUTSIDE_CERT": {certificate, Fail, Failed, SubExpired,
		Text{"时间戳的时间 %s 不在时间戳机构证书“%s”的有效期内。", "The time of the time stamp, %s, is outside the validity of the authority's certificate “%s”."}, askTSA},
	"TIMESTAMP_EXPIRED": {certificate, Fail, Indeterminate, SubOutOfBounds,
		Text{"时间戳机构的证书“%s”已于 %s 过期，到期前没有加盖新的时间戳。", "The time stamping authority's certificate “%s” expired on %s, and no newer time stamp was added before."}, renew},
	"TIMESTAMP_REVOKED": {revocation, Fail, Failed, SubRevoked,
		Text{"时间戳机构的证书“%s”已于 %s 吊销，不晚于时间戳的时间。", "The time stamping authority's certificate “%s” was revoked on %s, not after the time stamp."}, askTSA},
	"TIMESTAMP_REVOKED_LATER": {revocation, Fail, Indeterminate, SubRevokedNoPOE,
		Text{"时间戳机构的证书“%s”已于 %s 吊销，没有更新的时间戳证明这个时间戳在此之前就已存在。", "The time stamping authority's certificate “%s” was revoked on %s, and no newer time stamp shows that this one is older."}, askTSA},
	"TIMESTAMP_REVOCATION_UNKNOWN": {revocation, Fail, Indeterminate, SubTryLater,
		Text{"没有时间戳机构证书“%s”的有效吊销信息：%s。", "There is no usable revocation information on the time stamping authority's certificate “%s”: %s."}, getStatus},

	"EVIDENCE_BESIDE": {revocation, Inform, "", "",
		Text{"核验时采用了另行保存的证据。", "Evidence kept beside the file was taken into account."}, Text{}},
	"EVIDENCE_REFUSED": {certificate, Warn, "", "",
		Text{"另行保存的证据未被采用：%s。", "The evidence kept beside the file was not used: %s."}, Text{}},
	"EVIDENCE_UNJUDGED": {certificate, Inform, "", "",
		Text{"证据中还有本版本不核验的部分：%s。", "The evidence holds parts that this version does not judge: %s."}, Text{}},
	"EVIDENCE_NO_PROOF": {certificate, Warn, "", "",
		Text{"证据上 %s 的时间戳不能采信，不作为任何时间的证明。", "The time stamp of %s on the evidence does not count: it proves no time."}, Text{}},

	"TIMESTAMP_NO_PROOF": {certificate, Warn, "", "",
		Text{"签名所带的 %s 的时间戳不能采信，不作为任何时间的证明。", "The time stamp of %s that the signature carries does not count: it proves no time."}, Text{}},
	"TIMESTAMP_PROVES": {certificate, Inform, "", "",
		Text{"%s 的时间戳可信，由“%s”签发；信任类别：%s。", "The time stamp of %s can be relied on; it was made by “%s”, trusted as: %s."}, Text{}},
	"TIMESTAMP_INTERNAL": {certificate, Inform, "", "",
		Text{"时间戳机构“%s”是内部机构，它证明的时间只在本单位内部有说服力。", "The time stamping authority “%s” is internal: the time it proves convinces inside that organisation only."}, Text{}},
}
