package tsa

import "yinxin/fault"

// The codes of what goes wrong with an authority, as fault.Error has them. None of these answers is used, and none leaves a token.
const (
	CodeURL         = "tsa-url"                // the address cannot be used
	CodeHash        = "tsa-hash"               // the imprint's hash is none that is asked about
	CodeAddress     = "tsa-address"            // the address is not public, and the profile does not allow others
	CodeSlow        = "tsa-slow"               // no answer within the deadline
	CodeDead        = "tsa-dead"               // no connection, or one that broke
	CodeTLS         = "tsa-tls"                // the server's TLS certificate is not trusted
	CodeHTTP        = "tsa-http-status"        // another HTTP status than 200
	CodeGiant       = "tsa-giant"              // the answer is larger than allowed
	CodeGarbage     = "tsa-garbage"            // the answer is not a TimeStampResp, or its token cannot be read
	CodeRejected    = "tsa-rejected"           // the authority refused
	CodeWaiting     = "tsa-waiting"            // the authority wants to answer later, or about its own revocation
	CodeModified    = "tsa-granted-with-mods"  // a token, but not as it was asked for
	CodeImprint     = "tsa-imprint"            // a token over something else
	CodeNonce       = "tsa-nonce"              // an answer to another query
	CodePolicy      = "tsa-policy"             // a token under another policy
	CodeTime        = "tsa-time"               // the token's time is not now
	CodeUsage       = "tsa-usage"              // the certificate is not for time stamping alone, critically
	CodeCertificate = "tsa-certificate"        // the certificate is missing
	CodePeriod      = "tsa-certificate-period" // the certificate is not valid at the token's time
	CodeSignature   = "tsa-signature"          // the signature, or what binds it, does not hold
	CodeWeak        = "tsa-weak"               // an algorithm that is no proof any more
	CodeUntrusted   = "tsa-untrusted"          // the caller's own trust does not reach the certificate
	CodeLong        = "tsa-token-long"         // longer than the profile promises
)

// lie is an answer that is not believed; cause is what was met.
func lie(code string, cause error) error {
	zh, en := "时间戳不正确，已弃用", "the time stamp is not right and was discarded"
	switch code {
	case CodeGarbage:
		zh, en = "时间戳服务返回的内容无法识别，已弃用；请检查服务地址", "the time stamping authority's answer is not one and was discarded: check the address"
	case CodeModified:
		zh, en = "时间戳服务改动了请求的内容后签发，已弃用", "the time stamping authority changed what was asked for; its time stamp was discarded"
	case CodeImprint:
		zh, en = "时间戳服务返回了另一份数据的时间戳，已弃用；该服务不可信", "the time stamping authority answered with a time stamp of something else, which was discarded: do not rely on it"
	case CodeNonce:
		zh, en = "时间戳服务的应答属于另一次请求（随机数不符），已弃用", "the time stamping authority's answer belongs to another query (the nonce differs) and was discarded"
	case CodePolicy:
		zh, en = "时间戳服务使用了另一个策略，已弃用；请核对配置中的 policy", "the time stamping authority used another policy; its time stamp was discarded: check policy in the profile"
	case CodeTime:
		zh, en = "时间戳的时间与本机时间相差过大，已弃用；请检查本机时钟和时间戳服务", "the time stamp's time is too far from this machine's, and it was discarded: check this clock and the authority"
	case CodeUsage:
		zh, en = "时间戳服务的证书不是专用的时间戳证书，已弃用", "the time stamping authority's certificate is not for time stamping alone; its time stamp was discarded"
	case CodeCertificate:
		zh, en = "时间戳中没有时间戳服务的证书，已弃用", "the time stamp does not hold the authority's certificate and was discarded"
	case CodePeriod:
		zh, en = "时间戳服务的证书在时间戳的时间不在有效期内，已弃用", "the time stamping authority's certificate is not valid at the time stamp's time; the time stamp was discarded"
	case CodeSignature:
		zh, en = "时间戳的签名不正确，已弃用；该服务不可信", "the time stamp's signature does not hold, and it was discarded: do not rely on this authority"
	case CodeWeak:
		zh, en = "时间戳使用了已不安全的算法，已弃用；请换用其他时间戳服务", "the time stamp rests on an algorithm that is no proof any more and was discarded: use another authority"
	case CodeUntrusted:
		zh, en = "时间戳服务的证书不受信任，已弃用；请把它的根证书放入信任目录的 tsa 目录", "the time stamping authority's certificate is not trusted; its time stamp was discarded: put its root into tsa/ of the trust folder"
	}
	return fault.New(fault.Unavailable, code, zh, en, cause)
}
