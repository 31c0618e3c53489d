import { readFile } from 'node:fs/promises';
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';

const demo = new URL('../../out/demo/', import.meta.url);
const shots = new URL('../../out/browser/', import.meta.url);
const read = (name) => readFile(new URL(name, demo));

const cases = [
	{ name: 'sealed', file: 'contract-sealed.pdf', verdict: 'PASSED', cards: 2, says: ['智能仓储设备采购合同', '远山示例制造有限公司'], kind: 'passed', zh: '核验通过', en: 'The checks passed' },
	{ name: 'tampered', file: 'contract-sealed-tampered.pdf', verdict: 'FAILED', zh: '核验失败', en: 'The checks failed' },
	{ name: 'licence', file: 'licence.ofd', verdict: 'PASSED', cards: 1, says: ['云杉示例科技有限公司', '91990000MA0000015Q'], kind: 'passed', zh: '核验通过', en: 'The checks passed' },
	{ name: 'licence-tampered', file: 'licence-tampered.ofd', verdict: 'FAILED', cards: 1, says: ['云杉示例科技有限公司'], kind: 'failed', zh: '核验失败', en: 'The checks failed' },
	{ name: 'unsigned', file: 'contract.pdf', verdict: 'UNSIGNED', cards: 0, says: ['智能仓储设备采购合同'], kind: 'none', zh: '没有签章', en: 'Not signed' },
	{ name: 'damaged', file: 'contract-sealed.pdf', cut: 1000, verdict: 'UNREADABLE', cards: 0, zh: '无法读取', en: 'Unreadable' },
];

async function accessible(page) {
	const found = await new AxeBuilder({ page }).analyze();
	expect(found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(', ')}`)).toEqual([]);
}

// Nothing may need scrolling sideways.
async function fits(page) {
	const [wide, seen] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
	expect(wide).toBeLessThanOrEqual(seen);
}

async function send(page, c) {
	let buffer = await read(c.file);
	if (c.cut) buffer = buffer.subarray(0, c.cut);
	await page.locator('#file').setInputFiles({ name: c.file, mimeType: 'application/pdf', buffer });
	await page.locator('button[type=submit]').click();
	await expect(page.locator('[data-verdict]')).toHaveAttribute('data-verdict', c.verdict);
}

for (const lang of ['zh', 'en']) {
	for (const size of [{ width: 1000, height: 900 }, { width: 360, height: 740 }]) {
		test.describe(`${lang}, ${size.width} px`, () => {
			test.use({ viewport: size });

			test('the page that asks', async ({ page }) => {
				await page.goto(`/verify?lang=${lang}`);
				await accessible(page);
				await fits(page);
				await page.screenshot({ path: new URL(`ask-${lang}-${size.width}.png`, shots).pathname, fullPage: true });
			});

			for (const c of cases) {
				test(c.name, async ({ page }) => {
					const problems = [];
					page.on('console', (m) => problems.push(m.text()));
					await page.goto(`/verify?lang=${lang}`);
					await send(page, c);
					await expect(page.locator('h1')).toContainText(c[lang]);
					if (c.cards !== undefined) await expect(page.locator('section[aria-labelledby=seals] article')).toHaveCount(c.cards);
					const content = page.locator('section[aria-labelledby=content] article');
					for (const text of c.says ?? []) await expect(content).toContainText(text);
					if (c.kind) await expect(content).toHaveClass(`card ${c.kind}`);
					await expect(page.locator('#unchecked')).toBeVisible();
					await expect(page.locator('script')).toHaveCount(0);
					for (const img of await page.locator('article img').all()) {
						expect(await img.evaluate((i) => i.naturalWidth)).toBeGreaterThan(50);
					}
					await accessible(page);
					await fits(page);
					await page.screenshot({ path: new URL(`${c.name}-${lang}-${size.width}.png`, shots).pathname, fullPage: true });
					expect(problems).toEqual([]);
				});
			}
		});
	}
}

test('the report is in the page', async ({ page }) => {
	await page.goto('/verify?lang=zh');
	await send(page, cases[0]);
	const [download] = await Promise.all([page.waitForEvent('download'), page.locator('a[download]').click()]);
	expect(download.suggestedFilename()).toBe('核验报告.pdf');
	expect((await readFile(await download.path())).subarray(0, 5).toString()).toBe('%PDF-');
});

test('by keyboard alone, in large type', async ({ page }) => {
	await page.setViewportSize({ width: 360, height: 740 });
	const chosen = page.waitForEvent('filechooser'); // before the page: the browser must know in time that no dialog is to open
	await page.goto('/verify?lang=zh');
	const small = await page.locator('h1').evaluate((h) => parseFloat(getComputedStyle(h).fontSize));
	const reach = async (selector) => {
		for (let i = 0; i < 20; i++) {
			await page.keyboard.press('Tab');
			if (await page.locator(selector).first().evaluate((e) => e === document.activeElement)) return;
		}
		throw new Error(`${selector} cannot be reached`);
	};
	await reach('#large');
	await page.keyboard.press('Space');
	expect(await page.locator('h1').evaluate((h) => parseFloat(getComputedStyle(h).fontSize))).toBeGreaterThan(small * 1.3);
	await reach('#file');
	await page.keyboard.press('Enter');
	const chooser = await chosen;
	await chooser.setFiles({ name: '合同.pdf', mimeType: 'application/pdf', buffer: await read('contract-sealed.pdf') });
	await reach('button[type=submit]');
	await page.keyboard.press('Enter');
	await expect(page.locator('[data-verdict=PASSED]')).toBeVisible();
	await expect(page.locator('#large')).toBeChecked();
	await expect(page.locator('dd').first()).toHaveText('合同.pdf');
	await fits(page);
	await accessible(page);
	await page.screenshot({ path: new URL('large-zh-360.png', shots).pathname, fullPage: true });
	await reach('summary');
	await page.keyboard.press('Enter');
	await expect(page.locator('details[open]')).toHaveCount(1);
});

test('the type of a document and its password are asked for', async ({ page }) => {
	await page.goto('/verify?lang=en');
	await page.locator('summary').last().click();
	await page.locator('#type').selectOption('proof');
	await page.locator('#password').fill('sesame');
	await accessible(page);
	await send(page, { file: 'contract.pdf', verdict: 'UNSIGNED' });
	await expect(page.locator('#kind')).toContainText('E-certificate'.toLowerCase());
});

test('without a file the browser asks for one; where it does not, the service says so', async ({ page }) => {
	await page.goto('/verify?lang=en');
	await page.locator('button[type=submit]').click();
	expect(await page.locator('#file').evaluate((f) => f.validity.valueMissing)).toBe(true);
	await page.locator('#file').evaluate((f) => f.removeAttribute('required'));
	await page.locator('button[type=submit]').click();
	await expect(page.locator('h1')).toHaveText('Not verified');
	await expect(page.locator('form')).toHaveCount(1);
	await accessible(page);
});
